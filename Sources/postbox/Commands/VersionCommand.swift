import FoundationEssentials

/// The version of this program.
package let postboxVersion = "0.1.0"

private let json = Flag("json", help: "Add the versions of the libraries, as JSON.")

/// `postbox version`; the closure gives the versions of the libraries that are linked.
func versionCommand(libraries: @escaping @Sendable () -> [String: String]) -> Command {
    Command(
        "version",
        abstract: "Print the version.",
        examples: [
            .init("postbox version", "the version alone"),
            .init("postbox version --json", "with the libraries, for a bug report"),
        ],
        accepts: [json]
    ) { invocation in
        guard invocation[json] else {
            invocation.print("postbox \(postboxVersion)")
            return .ok
        }
        let report = VersionReport(version: postboxVersion, libraries: libraries())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        invocation.print(String(decoding: try encoder.encode(report), as: UTF8.self))
        return .ok
    }
}

private struct VersionReport: Encodable {
    let version: String
    let libraries: [String: String]
}
