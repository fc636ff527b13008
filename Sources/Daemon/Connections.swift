package import Kafka
import Messaging
package import Postgres
package import Settings
import Threads

/// The databases and clusters of a configuration as the drivers take them, secrets included.
package struct Connections: Sendable {
    private var databases: [String: PostgresTarget] = [:]
    private var clusters: [String: KafkaCluster] = [:]

    /// Throws every problem that only the drivers can see, each at its line.
    ///
    /// From now on libpq's variables (`PGHOST`, `PGPASSWORD`…) are gone from the environment: what
    /// is not in the configuration does not count.
    package static func resolve(_ settings: Settings) throws(SettingsError) -> Connections {
        var connections = Connections()
        var problems: [SettingsProblem] = []
        for database in settings.databases.values {
            connections.add(database, settings.locations, &problems)
        }
        for cluster in settings.kafka.values {
            connections.add(cluster, settings.locations, &problems)
        }
        for (index, inbox) in settings.inboxes.enumerated() {
            let path = "inboxes[\(index)]"
            problems += inbox.patternProblems(at: path, settings.locations)
        }
        guard problems.isEmpty else { throw SettingsError(problems.sorted(by: isBefore)) }
        // Order: a secret may be kept in one of these variables, and was read above.
        removeEnvironmentVariables(beginningWith: "PG")
        return connections
    }

    /// The database of that name in the configuration.
    package func database(_ name: String) -> PostgresTarget {
        guard let target = databases[name] else {
            preconditionFailure("the configuration names no database \(name)")
        }
        return target
    }

    /// The cluster of that name in the configuration.
    package func cluster(_ name: String) -> KafkaCluster {
        guard let cluster = clusters[name] else {
            preconditionFailure("the configuration names no cluster \(name)")
        }
        return cluster
    }

    private mutating func add(
        _ database: DatabaseSettings,
        _ locations: SettingsLocations,
        _ problems: inout [SettingsProblem]
    ) {
        let path = "databases.\(database.name)"
        func report(_ key: String, _ error: any Error) {
            problems.append(SettingsProblem(at: locations[key], path: key, message: "\(error)"))
        }
        var password: PostgresTarget.PasswordSource?
        do throws(SecretError) {
            password = try database.passwordSource()
        } catch {
            report("\(path).password", error)
        }
        do throws(PostgresError) {
            databases[database.name] = try PostgresTarget(
                conninfo: database.url,
                applicationName: "postbox",
                password: password
            )
        } catch {
            report("\(path).url", error)
        }
    }

    private mutating func add(
        _ kafka: KafkaSettings,
        _ locations: SettingsLocations,
        _ problems: inout [SettingsProblem]
    ) {
        let before = problems.count
        var properties: [(String, String)] = []
        var paths: [String: String] = [:]
        for property in kafka.properties {
            paths[property.name] = property.path
            do {
                properties.append((property.name, try property.value.read()))
            } catch {
                let place = locations[property.path]
                problems.append(
                    SettingsProblem(at: place, path: property.path, message: "\(error)")
                )
            }
        }
        for problem in KafkaConfiguration.problems(in: properties) {
            let path = paths[problem.property] ?? "kafka.\(kafka.name).properties"
            problems.append(SettingsProblem(problem, path: path, at: locations[path]))
        }
        let cluster = KafkaCluster(
            name: kafka.name,
            brokers: kafka.brokers,
            properties: properties
        )
        clusters[kafka.name] = cluster
        guard problems.count == before, let reason = Self.refusal(of: cluster) else { return }
        let path = "kafka.\(kafka.name)"
        problems.append(SettingsProblem(at: locations[path], path: path, message: reason))
    }

    /// What librdkafka has against the properties together, which only making a client brings out.
    private static func refusal(of cluster: KafkaCluster) -> String? {
        do throws(KafkaError) {
            _ = try KafkaProducer(KafkaConfiguration(cluster), gapless: true)
            return nil
        } catch {
            return error.reason
        }
    }

    private static func isBefore(_ left: SettingsProblem, _ right: SettingsProblem) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

extension DatabaseSettings {
    /// What gives the password at each connect; it is read once now, to fail early.
    fileprivate func passwordSource() throws(SecretError) -> PostgresTarget.PasswordSource? {
        guard let password else { return nil }
        let first = try password.read()
        // A variable cannot change, and may soon be gone; a file may be written anew.
        if case .env = password { return { first } }
        return { try password.read() }
    }
}

extension KafkaProperty.Value {
    fileprivate func read() throws(SecretError) -> String {
        switch self {
        case .text(let text): text
        case .secret(let reference): try reference.read()
        }
    }
}

extension InboxDefinition {
    /// What librdkafka would have against the regular expressions among the topics.
    fileprivate func patternProblems(
        at path: String,
        _ locations: SettingsLocations
    ) -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        func report(_ key: String, _ message: String) {
            problems.append(SettingsProblem(at: locations[key], path: key, message: message))
        }
        for (index, topic) in topics.enumerated() where topic.hasPrefix("^") {
            do throws(KafkaError) {
                let pattern = try KafkaTopicPattern(topic)
                guard let deadLetterTopic, pattern.matches(deadLetterTopic) else { continue }
                let words = "is matched by the topics: the inbox would read its dead letters again"
                report("\(path).dead_letter_topic", words)
            } catch {
                report("\(path).topics[\(index)]", "is no regular expression: \(error.reason)")
            }
        }
        return problems
    }
}

extension SettingsProblem {
    fileprivate init(_ problem: KafkaPropertyProblem, path: String, at place: SettingsLocation) {
        self.init(
            at: place,
            path: path,
            message: problem.reason,
            suggestion: problem.nearest
        )
    }
}
