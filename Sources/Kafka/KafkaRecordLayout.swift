import CKafkaShim
import CLibrdkafka

/// Where each part of a record stands in a lent table of cells.
package struct KafkaRecordLayout: Sendable {
    /// How a cell's bytes become a record's.
    package enum Kind: Sendable {
        /// As they are: `bytea` and `text`.
        case bytes
        case jsonb, uuid, int8, timestamp
        /// One of an array of texts, by number from 0.
        case element(Int)
    }

    /// A column of the table, by number from 0.
    package struct Column: Sendable {
        package let index: Int
        package let kind: Kind

        package init(_ index: Int, _ kind: Kind = .bytes) {
            self.index = index
            self.kind = kind
        }
    }

    /// A header that every record carries; a NULL cell leaves it out.
    package enum Header: Sendable {
        case column(name: String, Column)
        /// Takes the place of a header of that name among the row's own.
        case replacing(name: String, Column)
        case constant(name: String, value: String)
    }

    package var id: Int
    package var topic: Int
    package var key: Column?
    package var payload: Column
    /// A flat object whose members become headers.
    package var headers: Int?
    /// True where the row is not due yet.
    package var delayed: Int?
    /// The payload's size, also where the payload itself was not lent.
    package var size: Int?
    package var createdAt: Int?
    package var fixedHeaders: [Header]

    package init(
        id: Int,
        topic: Int,
        key: Column?,
        payload: Column,
        headers: Int? = nil,
        delayed: Int? = nil,
        size: Int? = nil,
        createdAt: Int? = nil,
        fixedHeaders: [Header] = []
    ) {
        self.id = id
        self.topic = topic
        self.key = key
        self.payload = payload
        self.headers = headers
        self.delayed = delayed
        self.size = size
        self.createdAt = createdAt
        self.fixedHeaders = fixedHeaders
    }
}

/// The layout as C reads it.
final class LayoutHandle {
    var layout = publish_layout()

    init(_ plan: KafkaRecordLayout) {
        layout.id = Int32(plan.id)
        layout.topic = Int32(plan.topic)
        layout.delayed = Int32(plan.delayed ?? -1)
        layout.size = Int32(plan.size ?? -1)
        layout.created_at = Int32(plan.createdAt ?? -1)
        layout.key = Self.column(plan.key)
        layout.payload = Self.column(plan.payload)
        layout.headers = Int32(plan.headers ?? -1)
        for header in plan.fixedHeaders { add(header) }
    }

    deinit {
        publish_layout_destroy(&layout)
    }

    private func add(_ header: KafkaRecordLayout.Header) {
        let added =
            switch header {
            case .column(let name, let column):
                publish_layout_add(&layout, name, nil, Self.column(column), false)
            case .replacing(let name, let column):
                publish_layout_add(&layout, name, nil, Self.column(column), true)
            case .constant(let name, let value):
                publish_layout_add(&layout, name, value, Self.column(nil), false)
            }
        precondition(added, "a layout has at most \(PUBLISH_MAX_HEADERS) fixed headers")
    }

    private static func column(_ column: KafkaRecordLayout.Column?) -> publish_column {
        guard let column else { return publish_column(index: -1, kind: publish_bytes, element: 0) }
        let kind =
            switch column.kind {
            case .bytes: publish_bytes
            case .jsonb: publish_jsonb
            case .uuid: publish_uuid
            case .int8: publish_int8
            case .timestamp: publish_timestamp
            case .element: publish_element
            }
        let element = if case .element(let number) = column.kind { number } else { 0 }
        return publish_column(index: Int32(column.index), kind: kind, element: Int32(element))
    }
}
