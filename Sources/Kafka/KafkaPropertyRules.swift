/// Which properties of librdkafka a user may not set, whatever librdkafka thinks of them.
enum KafkaPropertyRules {
    /// Why `value` may not stand for `name`, or nil where we have nothing against it.
    static func refusal(of name: String, value: String) -> String? {
        if let reason = dangers[name] ?? ours[name] { return reason }
        if isDangerousFamily(name) { return "is not passed on: it is meant for tests or misuse" }
        if let allowed = bounds[name], !allowed.values.contains(value.lowercased()) {
            return allowed.reason
        }
        return specialCase(name, value: value)
    }

    /// Whether the value must not show up anywhere.
    static func isSecret(_ name: String) -> Bool {
        let parts = ["password", "secret", ".pem", "oauthbearer.config"]
        return name == "ssl_key" || parts.contains { name.contains($0) }
    }

    /// What runs foreign code, reaches foreign addresses or trusts what nobody signed.
    private static let dangers = [
        "plugin.library.paths": "loads foreign code",
        "interceptors": "loads foreign code",
        "ssl.engine.location": "loads foreign code",
        "ssl.engine.id": "loads foreign code",
        "ssl.providers": "loads foreign code",
        "sasl.kerberos.kinit.cmd": "runs a command",
        "enable.sasl.oauthbearer.unsecure.jwt": "accepts tokens that nobody signed",
    ]

    private static let promise = "is set by Postbox, a promise rests on it"

    /// What Postbox sets itself.
    private static let ours = [
        "bootstrap.servers": "belongs into `brokers`",
        "metadata.broker.list": "belongs into `brokers`",
        "group.id": "is set by Postbox for each inbox",
        "transactional.id": promise,
        "enable.gapless.guarantee": promise,
        "message.timeout.ms": promise,
        "delivery.timeout.ms": promise,
        "message.send.max.retries": promise,
        "retries": promise,
        "delivery.report.only.error": promise,
        "enable.auto.commit": promise,
        "auto.commit.enable": promise,
        "auto.commit.interval.ms": promise,
        "enable.auto.offset.store": promise,
        "offset.store.method": promise,
        "offset.store.path": promise,
        "enable.partition.eof": promise,
        "enabled_events": promise,
        "log.queue": promise,
    ]

    /// What may be written down, but only with the value that the promises need.
    private static let bounds: [String: (values: Set<String>, reason: String)] = [
        "acks": (["all", "-1"], "must be `all`: less loses messages"),
        "request.required.acks": (["all", "-1"], "must be `all`: less loses messages"),
        "enable.idempotence": (["true"], "must be `true`: without it retries swap messages"),
        "max.in.flight.requests.per.connection": (inFlight, "must be 1 to 5: more swaps messages"),
        "max.in.flight": (inFlight, "must be 1 to 5: more swaps messages"),
        "isolation.level": (["read_committed"], "must be `read_committed`"),
        "partition.assignment.strategy": (
            ["range", "roundrobin", "range,roundrobin", "roundrobin,range"],
            "must be `range` or `roundrobin`: the others are faulty in this librdkafka"
        ),
    ]

    private static let inFlight: Set<String> = ["1", "2", "3", "4", "5"]

    private static func isDangerousFamily(_ name: String) -> Bool {
        name.hasPrefix("test.mock.")
            || name.hasPrefix("sasl.oauthbearer.") && name.hasSuffix("url")
    }

    private static func specialCase(_ name: String, value: String) -> String? {
        switch name {
        case "debug" where value.split(separator: ",").contains { revealing.contains($0) }:
            "must not include `all` or `security`: they log what must stay secret"
        case "client.id" where value.utf8.count > 64:
            "is too long: at most 64 bytes"
        default:
            nil
        }
    }

    private static let revealing: Set<Substring> = ["all", "security"]
}
