import Glibc
package import Kafka
package import Postgres

/// The servers that all tests of one process share, started when the first one asks.
package enum TestServers {
    /// The PostgreSQL of this process; a machine without one fails the tests, it skips none.
    package static func postgres() throws(PostgresPrivateServerError) -> PostgresPrivateServer {
        try startedPostgres.get()
    }

    /// The Kafka of this process, where there is a distribution to start it from.
    package static func kafka() throws(KafkaPrivateBrokerError) -> KafkaPrivateBroker? {
        try startedKafka?.get()
    }

    private static let startedPostgres: Result<PostgresPrivateServer, PostgresPrivateServerError> =
        Result { () throws(PostgresPrivateServerError) in
            // Statics are never freed: without this the folder would outlive the tests.
            atexit { TestServers.removePostgres() }
            return try PostgresPrivateServer(settings: [
                "max_connections": "500", "max_prepared_transactions": "20",
                "wal_level": "logical", "log_min_messages": "log",
                // Tests kill processes, never the machine.
                "fsync": "off",
                // Tests look for statements by their text.
                "track_activity_query_size": "16384",
            ])
        }

    private static let startedKafka: Result<KafkaPrivateBroker, KafkaPrivateBrokerError>? =
        KafkaPrivateBroker.findHome().map { home in
            Result { () throws(KafkaPrivateBrokerError) in
                atexit { TestServers.removeKafka() }
                return try KafkaPrivateBroker(home: home)
            }
        }

    private static func removePostgres() {
        if case .success(let server) = startedPostgres { server.remove() }
    }

    private static func removeKafka() {
        if case .success(let broker)? = startedKafka { broker.remove() }
    }
}
