import Kafka
import Testing

struct KafkaConfigurationTests {
    @Test(arguments: PropertyCase.refused)
    func `a property that endangers a promise or the host is refused`(example: PropertyCase) {
        let problems = KafkaConfiguration.problems(in: [(example.name, example.value)])
        #expect(problems.map(\.property) == [example.name])
        #expect(problems.first?.reason.isEmpty == false)
    }

    @Test(arguments: PropertyCase.allowed)
    func `a property that endangers nothing is allowed`(example: PropertyCase) {
        #expect(KafkaConfiguration.problems(in: [(example.name, example.value)]).isEmpty)
    }

    @Test func `all problems are told at once, in the order given`() {
        let problems = KafkaConfiguration.problems(in: [
            ("acks", "1"), ("compression.type", "lz4"), ("linger.ms", "soon"), ("lingr.ms", "1"),
        ])
        #expect(problems.map(\.property) == ["acks", "linger.ms", "lingr.ms"])
        #expect(problems.map(\.nearest) == [nil, nil, "linger.ms"])
        #expect(problems.last?.description.hasSuffix("did you mean `linger.ms`?") == true)
    }

    @Test func `a name that is near to none gets no suggestion`() {
        let problems = KafkaConfiguration.problems(in: [("zzzzzzzz", "1")])
        #expect(problems.map(\.nearest) == [nil])
    }

    @Test func `a secret shows up in no problem and no description`() throws {
        let secret = "S3cret-canary"
        let properties = [
            ("ssl.key.pem", secret), ("ssl_key", secret), ("sasl.password", secret),
            ("sasl.passwrd", secret),
        ]
        let cluster = KafkaCluster(name: "main", brokers: ["b:9092"], properties: properties)
        var dumped = ""
        dump(cluster, to: &dumped)
        let texts =
            KafkaConfiguration.problems(in: properties).map(\.description)
            + ["\(cluster)", String(reflecting: cluster), dumped]
        #expect(texts.allSatisfy { !$0.contains(secret) })
    }

    @Test func `each kind of client accepts our defaults and the user's properties`() throws {
        let cluster = KafkaCluster(
            name: "main",
            brokers: ["b1:9092", "b2:9092"],
            properties: [
                ("linger.ms", "5"), ("compression.type", "lz4"), ("auto.offset.reset", "error"),
                ("max.in.flight.requests.per.connection", "1"),
            ]
        )
        let configuration = KafkaConfiguration(cluster)
        _ = try configuration.makeProducerConfiguration(gapless: true)
        _ = try configuration.makeProducerConfiguration(gapless: false)
        _ = try configuration.makeConsumerConfiguration(group: "g")
        _ = try configuration.makeAdminConfiguration()
    }

    @Test func `a configuration with a problem is not made`() {
        let cluster = KafkaCluster(name: "m", brokers: ["b:1"], properties: [("acks", "0")])
        #expect(throws: KafkaError.self) {
            _ = try KafkaConfiguration(cluster).makeProducerConfiguration(gapless: false)
        }
    }
}

struct PropertyCase: CustomTestStringConvertible {
    let name: String
    let value: String

    var testDescription: String { "\(name)=\(value)" }

    static let refused = cases([
        ("plugin.library.paths", "/tmp/x.so"), ("interceptors", "x"), ("ssl.engine.location", "x"),
        ("ssl.providers", "x"), ("sasl.kerberos.kinit.cmd", "true"), ("test.mock.num.brokers", "1"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
        ("sasl.oauthbearer.token.endpoint.url", "http://x"), ("debug", "broker,all"),
        ("acks", "1"), ("request.required.acks", "0"), ("enable.idempotence", "false"),
        ("enable.gapless.guarantee", "true"), ("message.timeout.ms", "1000"),
        ("delivery.timeout.ms", "1000"), ("delivery.report.only.error", "true"),
        ("enable.auto.commit", "true"), ("enable.auto.offset.store", "true"),
        ("transactional.id", "x"), ("group.id", "x"), ("bootstrap.servers", "x:1"),
        ("max.in.flight.requests.per.connection", "6"), ("max.in.flight", "1000"),
        ("isolation.level", "read_uncommitted"),
        ("partition.assignment.strategy", "cooperative-sticky"),
        ("client.id", String(repeating: "x", count: 65)), ("linger.ms", "-1"), ("nonsense", "1"),
    ])

    static let allowed = cases([
        ("acks", "all"), ("acks", "-1"), ("enable.idempotence", "true"), ("linger.ms", "0.1"),
        ("max.in.flight.requests.per.connection", "1"), ("max.in.flight", "5"),
        ("compression.type", "zstd"), ("security.protocol", "SASL_SSL"), ("sasl.username", "me"),
        ("sasl.password", "secret"), ("debug", "broker,topic"), ("message.max.bytes", "5000000"),
        ("partition.assignment.strategy", "roundrobin"), ("client.id", "postbox-a"),
    ])

    private static func cases(_ pairs: [(String, String)]) -> [PropertyCase] {
        pairs.map { PropertyCase(name: $0, value: $1) }
    }
}
