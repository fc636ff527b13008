import Messaging

/// Configurations that several tests start from.
enum ConfigurationText {
    static let minimal = """
        databases:
          shop: { url: "postgresql:///shop" }
        kafka:
          main: { brokers: ["kafka-1:9092"] }
        outboxes:
          - name: shop
            database: shop

        """

    static let full = """
        instance: relay-a
        databases:
          shop:
            url: host=db1 dbname=shop
            password: { file: /etc/postbox/shop }
            schema: relay
          other: { url: "postgresql://me@db2,db3/other", password: { credential: other } }
        kafka:
          spare: { brokers: ["kafka-9:9092"] }
          main:
            brokers: ["kafka-1:9092", "[::1]:9093"]
            properties:
              # As people write them.
              compression.type: lz4
              linger.ms: 5
              enable.idempotence: true
              client.rack: ""
              sasl.password: { env: SASL }
        outboxes:
          - name: shop
            database: shop
            kafka: main
            table: sales.messages
            columns: { id: seq, message_id: uid, topic: channel, key: ~, type: null,
                       payload: body, headers: none, available_at: "none", created_at: made }
            source: sales
            settle: archive
            retain: 30d
            on_failure: skip
            lanes: 64
            poll: { max: 20ms, notify: true }
            retry: { max_attempts: 3, first: 1s, max: 2m }
            format: cloudevents
          - name: legacy
            database: other
            kafka: spare
            table: outboxevent
            preset: debezium
            columns: { created_at: made }
            topic: "outbox.event.${aggregatetype}"
            on_failure: stop
        inboxes:
          - name: delivery
            database: other
            kafka: spare
            topics: [product.events, "^customer[.]"]
            group: deliveries
            start: latest
            apply: { batch_function: delivery.on_products }
            dedup: { id: $.event.id, window: 36h, outside: drop, missing: position,
                     allow_short_window: true }
            lanes: 4
            batch: 50
            statement_timeout: 1m
            on_failure: stop
            retry: { max_attempts: 3 }
            dead_letter_topic: delivery.dead
          - name: billing
            database: shop
            kafka: main
            topics: orders
            apply: { function: on_order }
            dedup: { mode: none, id: header:ce_id }
        memory: 10240KiB
        lease: 30s
        shutdown: { grace: 0s }
        control: { socket: /tmp/postbox.sock, listen: "[::1]:9187" }
        log: { level: debug, format: json }

        """

    static let fullShop = OutboxDefinition(
        name: "shop",
        database: "shop",
        kafka: "main",
        table: QualifiedName(schema: "sales", name: "messages"),
        columns: OutboxColumns(
            id: "seq",
            messageID: "uid",
            topic: "channel",
            key: nil,
            type: nil,
            payload: "body",
            headers: nil,
            availableAt: "none",
            createdAt: "made"
        ),
        settle: .archive(retain: .seconds(30 * 86_400)),
        onFailure: .skip,
        lanes: 64,
        poll: PollRule(max: .milliseconds(20), notify: true),
        retry: RetryPolicy(maxAttempts: 3, first: .seconds(1), max: .seconds(120)),
        format: .cloudevents,
        source: "sales"
    )

    static var fullLegacy: OutboxDefinition {
        var columns = OutboxColumns.debezium
        columns.createdAt = "made"
        return OutboxDefinition(
            name: "legacy",
            database: "other",
            kafka: "spare",
            table: QualifiedName(schema: "public", name: "outboxevent"),
            columns: columns,
            topic: TopicTemplate("outbox.event.${aggregatetype}"),
            onFailure: .stop,
            writesDebeziumID: true
        )
    }

    static let fullInboxes = [
        InboxDefinition(
            name: "delivery",
            database: "other",
            kafka: "spare",
            topics: ["product.events", "^customer[.]"],
            group: "deliveries",
            dedup: DedupRule(
                id: .json(["event", "id"]),
                window: .seconds(36 * 3_600),
                outside: .drop,
                missing: .position,
                allowsShortWindow: true
            ),
            apply: .batchFunction(QualifiedName(schema: "delivery", name: "on_products")),
            lanes: 4,
            batch: 50,
            onFailure: .stop,
            retry: RetryPolicy(maxAttempts: 3),
            statementTimeout: .seconds(60),
            start: .latest,
            deadLetterTopic: "delivery.dead"
        ),
        InboxDefinition(
            name: "billing",
            database: "shop",
            kafka: "main",
            topics: ["orders"],
            dedup: DedupRule(mode: .none, id: .header("ce_id")),
            apply: .function(QualifiedName(schema: "public", name: "on_order"))
        ),
    ]
}
