import Messaging
import Postgres

/// How the handler is called with an array of messages.
struct HandlerCall {
    private let rule: ApplyRule
    private let schema: String

    init(_ rule: ApplyRule, schema: String) throws(PostgresError) {
        self.rule = rule
        self.schema = schema
        function =
            switch rule {
            case .function(let name), .batchFunction(let name):
                try quotedIdentifier(name.schema) + "." + quotedIdentifier(name.name)
            case .store: ""
            }
    }

    private let function: String

    /// A statement that gives one row, with how many messages were applied, first.
    func sql(of messages: String) -> String {
        switch rule {
        case .function:
            """
            SELECT count(*) FROM (
                SELECT \(chain), \(function)(m) IS NULL AS done FROM unnest(\(messages)) AS m OFFSET 0
            ) AS applied WHERE chain IS NOT NULL AND done IS NOT NULL
            """
        case .batchFunction:
            """
            SELECT cardinality(given.messages)::int8,
                CASE WHEN cardinality(given.messages) > 0
                    THEN \(function)(given.messages) IS NULL END
            FROM (SELECT \(messages) AS messages OFFSET 0) AS given
            """
        case .store:
            sqlText("store").replacing("{{schema}}", with: schema)
                .replacing("{{messages}}", with: messages)
        }
    }

    /// What a row that the handler writes into an outbox says of its cause.
    private var chain: String {
        """
        (set_config('postbox.causation_id', coalesce(m.message_id, ''), true)
            || set_config('postbox.correlation_id',
                coalesce(m.headers->>'correlation-id', m.message_id, ''), true)
            || set_config('postbox.traceparent', coalesce(m.headers->>'traceparent', ''), true)
        ) AS chain
        """
    }
}
