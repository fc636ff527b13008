import FoundationEssentials
import Glibc

/// Where a Kafka distribution stands, laid out like the official download.
enum KafkaHome {
    /// The first of `POSTBOX_TEST_KAFKA_HOME`, `KAFKA_HOME` and `../shared/kafka` beside the
    /// checkout that holds a Kafka.
    static func find(sourceFile: String = #filePath) -> String? {
        let named = ["POSTBOX_TEST_KAFKA_HOME", "KAFKA_HOME"].compactMap { (name: String) in
            getenv(name).map { String(cString: $0) }
        }
        let beside = [FileManager.default.currentDirectoryPath, sourceFile]
            .flatMap(foldersAbove)
            .map { "\($0)/shared/kafka" }
        return (named + beside).first(where: holdsKafka)
    }

    static func holdsKafka(_ home: String) -> Bool {
        access("\(home)/bin/kafka-server-start.sh", X_OK) == 0
    }

    private static func foldersAbove(_ path: String) -> [String] {
        var parts = path.split(separator: "/")
        var folders: [String] = []
        while parts.popLast() != nil { folders.append("/" + parts.joined(separator: "/")) }
        return folders
    }
}
