import Kafka
import Synchronization

/// The last thing that librdkafka complained of: why a broker cannot be reached.
final class KafkaComplaint: Sendable {
    private let last = Mutex<String?>(nil)

    var text: String? { last.withLock { $0 } }

    func hear(_ line: KafkaLogLine) {
        guard line.severity <= .error else { return }
        // The line begins with the name of a thread, which says nothing to a person.
        let text = line.text.firstRange(of: "]: ").map { String(line.text[$0.upperBound...]) }
        last.withLock { $0 = text ?? line.text }
    }
}
