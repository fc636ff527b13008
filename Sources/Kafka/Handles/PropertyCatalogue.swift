import CKafkaShim
import CLibrdkafka
import Glibc

/// The properties that the linked librdkafka knows, read from its own reference.
struct PropertyCatalogue: Sendable {
    /// Which kind of client reads a property.
    enum Scope: String {
        case producer = "P"
        case consumer = "C"
        case both = "*"
    }

    static let linked = PropertyCatalogue(reference: reference())

    private let scopes: [String: Scope]

    /// Reads the lines `name | P | …` of librdkafka's table.
    init(reference: String) {
        var scopes: [String: Scope] = [:]
        for line in reference.split(separator: "\n") {
            let cells = line.split(separator: "|", maxSplits: 2).map { trimmed($0) }
            guard cells.count == 3, let scope = Scope(rawValue: cells[1]) else { continue }
            // A name that stands twice, for clients and for topics, has the same meaning in both.
            scopes[cells[0]] = scope
        }
        self.scopes = scopes
    }

    /// Who reads `name`; what is unknown goes to both, so that librdkafka refuses it itself.
    func scope(of name: String) -> Scope {
        scopes[name] ?? .both
    }

    func knows(_ name: String) -> Bool {
        scopes[name] != nil
    }

    /// The known name that a person most likely meant, if any is near.
    func nearest(to name: String) -> String? {
        let limit = max(2, name.count / 3)
        return scopes.keys
            .map { (distance: editDistance(name, $0), name: $0) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
            .name
    }

    private static func reference() -> String {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&text, &size) else { return "" }
        rd_kafka_conf_properties_show(stream)
        fclose(stream)
        // Safety: after fclose the stream has left a NUL-ended text in `text`, which is ours.
        defer { free(text) }
        return text.map { String(cString: $0) } ?? ""
    }
}

private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}

/// How many letters must be put in, left out or changed to make one word of the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (i, letter) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let change = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(change, row[j] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
