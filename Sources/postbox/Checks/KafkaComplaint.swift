import Kafka
import Synchronization

/// The last thing that librdkafka complained of: why a broker cannot be reached.
final class KafkaComplaint: Sendable {
    private let last = Mutex<String?>(nil)

    var text: String? { last.withLock { $0 } }

    func hear(_ line: KafkaLogLine) {
        guard line.severity <= .error else { return }
        // What stands around it, the name of a thread and times, says nothing to a person.
        var text = line.text[...]
        if let head = text.firstRange(of: "]: ") { text = text[head.upperBound...] }
        if let tail = text.firstRange(of: " (after ") { text = text[..<tail.lowerBound] }
        last.withLock { $0 = String(text) }
    }
}
