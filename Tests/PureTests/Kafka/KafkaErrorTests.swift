import Testing

@testable import Kafka

struct KafkaErrorTests {
    @Test(arguments: KafkaError.knownCodes)
    func `every code of librdkafka stands in the table, with a name and a reason`(code: Int32) {
        let error = KafkaError(code: code)
        #expect(KafkaErrorTable.rows[code] != nil)
        #expect(!error.name.isEmpty && !error.name.hasPrefix("CODE_"))
        #expect(!error.reason.isEmpty)
    }

    @Test(arguments: KafkaError.knownCodes)
    func `a code is never both an outage and a refusal`(code: Int32) {
        let error = KafkaError(code: code)
        #expect(!(error.isUnreachable && error.isRejection))
        #expect(error.isRejection || !error.isPermanentRejection)
        #expect(error.isRejection || !error.isTopicProblem)
    }

    @Test func `the table names no code that librdkafka does not know`() {
        #expect(Set(KafkaErrorTable.rows.keys) == Set(KafkaError.knownCodes))
    }

    @Test(arguments: KafkaErrorCase.all)
    func `the facts of a code are those that its fate rests on`(example: KafkaErrorCase) {
        let error = KafkaError(code: example.code)
        #expect(error.isUnreachable == example.facts.contains(.unreachable))
        #expect(error.isRejection == example.facts.contains(.rejection))
        #expect(error.isPermanentRejection == example.facts.contains(.permanent))
        #expect(error.isTopicProblem == example.facts.contains(.topic))
    }

    @Test func `a code that nobody knows uses up no attempt`() {
        for code: Int32 in [98, 120, 500, -139, -9_999, .max] {
            #expect(KafkaError(code: code).isUnreachable, "code \(code)")
        }
    }

    @Test func `a code of the shim has no facts until the table says so`() {
        for code: Int32 in [-10_000, -10_999, .min] {
            #expect(!KafkaError(code: code).isUnreachable, "code \(code)")
            #expect(!KafkaError(code: code).isRejection, "code \(code)")
        }
    }

    @Test func `a row that cannot become a record is refused for ever, in words`() {
        for code: Int32 in [-10_001, -10_002, -10_003] {
            let error = KafkaError(code: code)
            #expect(error.isPermanentRejection && !error.reason.contains("error -1"))
        }
        #expect(KafkaError(code: -10_004).isUnreachable)
    }

    @Test func `an error says its reason and its name`() {
        let error = KafkaError(code: 10, reason: "2 MB are too much")
        #expect(error.description == "2 MB are too much (MSG_SIZE_TOO_LARGE)")
        #expect(
            KafkaError(code: -195).description == "Local: Broker transport failure (_TRANSPORT)"
        )
    }
}

struct KafkaErrorCase: CustomTestStringConvertible {
    let code: Int32
    let facts: KafkaErrorFacts

    var testDescription: String { KafkaError(code: code).name }

    static let all: [KafkaErrorCase] =
        group(.unreachable, outages) + group(.rejection, [2, 18])
        + group([.rejection, .permanent], [4, 10, 32, 43, 44, 76, 87])
        + group([.rejection, .topic], [-190, -188, 3, 29])
        + group([.rejection, .permanent, .topic], [17])
        + group([], [0, -191, -140, 1, 36])

    /// Transport, timeouts, leaders, replicas, coordinators, quotas, and a producer that is spent.
    private static let outages: [Int32] = [
        -195, -187, -185, -192, -184, -181, -169, 5, 6, 7, 8, 13, 14, 15, 16, 19, 20, 56, 58, 89,
        -152, -151, -150, -148, -144, 45, 46, 47, 59, 90, -1,
    ]

    private static func group(_ facts: KafkaErrorFacts, _ codes: [Int32]) -> [KafkaErrorCase] {
        codes.map { KafkaErrorCase(code: $0, facts: facts) }
    }
}
