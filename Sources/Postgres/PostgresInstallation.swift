import FoundationEssentials
import Glibc
import Threads

/// Where the programs of a PostgreSQL server stand on this machine.
struct PostgresInstallation {
    /// Debian keeps `initdb` and `postgres` outside of `PATH`, one folder for each version.
    private static let versionsFolder = "/usr/lib/postgresql"

    let folder: String
    /// The user the server must run as; `nil` when we are no root ourselves.
    let user: String?

    func program(_ name: String) -> String { "\(folder)/\(name)" }

    static func find() throws(PostgresPrivateServerError) -> PostgresInstallation {
        guard let folder = candidates().first(where: holdsServer) else { throw .notInstalled }
        // PostgreSQL refuses root; its package has made a user for it.
        guard geteuid() == 0 else { return PostgresInstallation(folder: folder, user: nil) }
        guard getpwnam("postgres") != nil else { throw .noUser }
        return PostgresInstallation(folder: folder, user: "postgres")
    }

    private static func candidates() -> [String] {
        let configured = try? ChildProcess.runChecked(["pg_config", "--bindir"])
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: versionsFolder)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        return [configured?.split(separator: "\n").first.map(String.init)].compactMap(\.self)
            + newestFirst.map { "\(versionsFolder)/\($0)/bin" }
            + (findProgram("postgres").map { [String($0.dropLast("/postgres".count))] } ?? [])
    }

    private static func holdsServer(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
}
