/// A copy of one record.
package struct KafkaRecord: Sendable, Hashable {
    /// A header; a name may stand several times, and a value may be missing.
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: [UInt8]?
    }

    package let partition: KafkaPartition
    package let offset: Int64
    /// Milliseconds since 1970, or -1 where the record has no time.
    package let timestamp: Int64
    package let key: [UInt8]?
    /// nil is a tombstone.
    package let value: [UInt8]?
    package let headers: [Header]

    /// The text of the last header of that name.
    package func header(_ name: String) -> String? {
        headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}
