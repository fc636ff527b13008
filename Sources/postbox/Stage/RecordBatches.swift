import FoundationEssentials
import Glibc

/// The record batches of a topic as a Kafka node keeps them on disk.
///
/// librdkafka puts one batch of one partition into each request, so these are the requests.
package struct RecordBatches {
    package private(set) var count = 0
    package private(set) var recordCount = 0

    /// Where a batch says how long it is after that, and how many records it holds.
    private static let lengthOffset = 8
    private static let countOffset = 57
    private static let headerSize = 61

    /// Counts what lies in the folder of the node's records.
    package init(of topic: String, in folder: String) {
        let partitions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for partition in partitions where partition.hasPrefix("\(topic)-") {
            let path = "\(folder)/\(partition)"
            let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            for file in files where file.hasSuffix(".log") { add("\(path)/\(file)") }
        }
    }

    private mutating func add(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        var position = 0
        while pread(descriptor, &header, header.count, position) == header.count {
            let length = Self.number(in: header, at: Self.lengthOffset)
            guard length > 0 else { return }
            count += 1
            recordCount += Self.number(in: header, at: Self.countOffset)
            position += Self.lengthOffset + 4 + length
        }
    }

    private static func number(in bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
