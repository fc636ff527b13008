import Postgres
import Testing

struct SQLStateTests {
    fileprivate struct Facts: OptionSet, Sendable {
        let rawValue: Int
        static let transient = Facts(rawValue: 1)
        static let connectionLoss = Facts(rawValue: 2)
        static let permission = Facts(rawValue: 4)
        static let missingObject = Facts(rawValue: 8)
        static let constraint = Facts(rawValue: 16)
        static let cancellation = Facts(rawValue: 32)
        static let outcomeUnknown = Facts(rawValue: 64)
        static let staleStatement = Facts(rawValue: 128)
    }

    fileprivate static let table: [(String, Facts)] = [
        ("40001", .transient), ("40P01", .transient), ("55P03", .transient),
        ("53100", .transient), ("53300", .transient), ("58030", .transient),
        ("25006", .transient), ("40003", [.transient, .outcomeUnknown]),
        ("08006", [.transient, .connectionLoss]), ("57P01", [.transient, .connectionLoss]),
        ("08007", [.transient, .connectionLoss, .outcomeUnknown]),
        ("57P02", [.transient, .connectionLoss]), ("57P03", [.transient, .connectionLoss]),
        ("57P04", [.connectionLoss, .missingObject]), ("57014", .cancellation),
        ("42501", .permission), ("28P01", .permission), ("28000", .permission),
        ("42P01", .missingObject), ("42703", .missingObject), ("42883", .missingObject),
        ("3D000", .missingObject), ("23505", .constraint), ("23502", .constraint),
        ("40002", .constraint), ("26000", .staleStatement), ("0A000", .staleStatement),
        ("08P01", []), ("22012", []), ("P0001", []), ("XX000", []), ("42601", []),
    ]

    @Test(arguments: SQLStateTests.table)
    fileprivate func `a state has its facts and no other`(code: String, facts: Facts) throws {
        let state = try #require(SQLState(code))
        var seen: Facts = []
        if state.isTransient { seen.insert(.transient) }
        if state.isConnectionLoss { seen.insert(.connectionLoss) }
        if state.isPermission { seen.insert(.permission) }
        if state.isMissingObject { seen.insert(.missingObject) }
        if state.isConstraintViolation { seen.insert(.constraint) }
        if state.isCancellation { seen.insert(.cancellation) }
        if state.outcomeIsUnknown { seen.insert(.outcomeUnknown) }
        if state.isStaleStatement { seen.insert(.staleStatement) }
        #expect(seen == facts)
    }

    @Test(arguments: ["", "4000", "400011", "4000a", "40 01", "é001"])
    func `what is no state is none`(text: String) {
        #expect(SQLState(text) == nil)
    }
}

struct PostgresErrorTests {
    private static let refusedPassword = PostgresError.connectFailed(
        "x",
        sqlState: SQLState("28P01")
    )

    @Test func `an outage passes, a missing grant does not`() {
        #expect(PostgresError.connectFailed("x", sqlState: nil).isTransient)
        #expect(PostgresError.connectionLost(during: "x").isTransient)
        #expect(PostgresError.outcomeUnknown(during: "x").outcomeIsUnknown)
        #expect(!Self.refusedPassword.isTransient)
        #expect(Self.refusedPassword.isPermission)
        #expect(!PostgresError.invalidTarget("x").isTransient)
    }
}
