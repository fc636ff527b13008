/// Where and as whom to connect: whatever libpq takes, read once and made safe to print.
package struct PostgresTarget: Sendable {
    package typealias PasswordSource = @Sendable () throws -> String

    /// What a session needs and the user did not say.
    private static let defaults: [ConnectionParameter] = [
        ConnectionParameter(keyword: "keepalives", value: "1"),
        ConnectionParameter(keyword: "keepalives_idle", value: "10"),
        ConnectionParameter(keyword: "keepalives_interval", value: "5"),
        ConnectionParameter(keyword: "keepalives_count", value: "3"),
        ConnectionParameter(keyword: "tcp_user_timeout", value: "15000"),
        // GSS encryption would be tried before TLS, whatever sslmode says.
        ConnectionParameter(keyword: "gssencmode", value: "disable"),
    ]

    private var parameters: [ConnectionParameter]
    private let passwordSource: PasswordSource?

    /// Reads what libpq takes, a URL or pairs of keyword and value.
    ///
    /// The source of the password is asked at every connect.
    package init(
        conninfo: String,
        applicationName: String,
        password: PasswordSource? = nil
    ) throws(PostgresError) {
        parameters = try parseConninfo(conninfo)
        passwordSource = password
        set("client_encoding", "UTF8")
        if self["application_name"] == nil { set("application_name", applicationName) }
        for parameter in Self.defaults where self[parameter.keyword] == nil {
            parameters.append(parameter)
        }
        try checkHosts()
    }

    /// The same server and user, another database.
    package func with(database: String) -> PostgresTarget {
        var other = self
        other.set("dbname", database)
        return other
    }

    package var database: String? { self["dbname"] }
    package var user: String? { self["user"] }
    package var applicationName: String { self["application_name"] ?? "" }

    /// One list for each host, in order, so that each gets a deadline of its own.
    func candidates() throws(PostgresError) -> [[ConnectionParameter]] {
        var complete = self
        if let passwordSource {
            do {
                complete.set("password", try passwordSource())
            } catch {
                throw .connectFailed("the password could not be read: \(error)", sqlState: nil)
            }
        }
        guard complete["target_session_attrs"] == "prefer-standby" else {
            return try complete.splitByHost()
        }
        // libpq looks at all hosts twice for this; with one host at a time it falls to us.
        complete.set("target_session_attrs", "standby")
        let standbys = try complete.splitByHost()
        complete.set("target_session_attrs", "any")
        return try standbys + complete.splitByHost()
    }

    private subscript(keyword: String) -> String? {
        parameters.first { $0.keyword == keyword }?.value
    }

    private mutating func set(_ keyword: String, _ value: String) {
        parameters.removeAll { $0.keyword == keyword }
        parameters.append(ConnectionParameter(keyword: keyword, value: value))
    }

    private func list(_ keyword: String) -> [String]? {
        self[keyword]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private func checkHosts() throws(PostgresError) {
        // An "@" left in a host is the tail of a password with an "@" that was not encoded.
        let isTornPassword = list("host")?.contains { $0.dropFirst().contains("@") } ?? false
        guard !isTornPassword else {
            throw .invalidTarget("a host holds an \"@\"; in a password write it as %40")
        }
        _ = try splitByHost()
    }

    private func splitByHost() throws(PostgresError) -> [[ConnectionParameter]] {
        let lists = ["host", "hostaddr", "port"].map { ($0, list($0)) }
        let count = max(lists[0].1?.count ?? 1, lists[1].1?.count ?? 1)
        for (keyword, values) in lists {
            let fits = values.map { $0.count == count || (keyword == "port" && $0.count == 1) }
            guard fits ?? true else {
                throw .invalidTarget("as many values of \(keyword) are needed as there are hosts")
            }
        }
        return (0..<count).map { index in
            var single = self
            for case (let keyword, let values?) in lists {
                single.set(keyword, values.count == 1 ? values[0] : values[index])
            }
            return single.parameters
        }
    }
}

extension PostgresTarget: CustomStringConvertible, CustomReflectable {
    /// Host, port, database and user: never a password.
    package var description: String {
        let shown = ["host", "port", "dbname", "user"]
            .compactMap { keyword in self[keyword].map { "\(keyword)=\($0)" } }
        return shown.isEmpty ? "the local default" : shown.joined(separator: " ")
    }

    package var customMirror: Mirror { Mirror(reflecting: description) }
}
