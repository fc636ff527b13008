import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// One stay in the consumer group: from joining it to leaving it.
///
/// Used by the reader's thread alone. Whatever goes wrong ends the stay; the next one reads the
/// positions from the database again.
final class InboxMembership {
    let runtime: InboxRuntime
    let link: InboxLink
    let statements: InboxStatements
    private(set) var session: PostgresSession
    let consumer: KafkaGroupConsumer
    private let rule: KafkaSurveyRule
    private let copies: DeadLetterCopies?

    /// Partitions of ours that are not read, and why.
    var halted: [KafkaPartition: HaltedPartition] = [:]
    private var nextTending = MonotonicTime.now
    /// When to ask again for those that Kafka said nothing of.
    var nextAsking = MonotonicTime.now
    private var nextDays = MonotonicTime.now + .seconds(600)
    /// How far partitions were handed out to the lanes.
    var handedOut: [KafkaPartition: Int64] = [:]
    /// What the group was last told.
    var committed: [KafkaPartition: Int64] = [:]

    init(_ runtime: InboxRuntime, link: InboxLink) throws {
        self.runtime = runtime
        self.link = link
        statements = try InboxStatements(runtime.definition, schema: runtime.schema)
        session = try Self.connect(runtime)
        try Self.prepareDays(session, runtime, statements)
        consumer = try KafkaGroupConsumer(
            runtime.kafka,
            group: runtime.definition.group,
            memory: max(runtime.memory.bytes / 4, 2 << 20),
            log: runtime.kafkaLog
        )
        rule = runtime.definition.dedup.surveyRule
        copies = try DeadLetterCopies(runtime)
    }

    private static func connect(_ runtime: InboxRuntime) throws -> PostgresSession {
        let session = try PostgresSession(connectingTo: runtime.database, within: .seconds(5))
        session.requestTimeout = .seconds(30)
        try session.run("SET statement_timeout = '25s'; SET lock_timeout = '5s'; SET jit = off")
        return session
    }

    private static func prepareDays(
        _ session: PostgresSession,
        _ runtime: InboxRuntime,
        _ statements: InboxStatements
    ) throws {
        let days = Int32((runtime.definition.dedup.window / .seconds(86_400)).rounded(.up))
        do {
            _ = try session.query(
                statements.positions.noteWindow,
                [
                    .text(runtime.definition.name), .int4(days),
                    .bool(runtime.definition.dedup.mode == .id),
                ]
            )
            try session.run(statements.positions.tendDays)
        } catch  where error.isMissingObject {
            throw InboxError.notMigrated(schema: runtime.schema)
        }
    }

    // MARK: Reading

    /// Reads until a stop, or until something happens that only a new beginning mends.
    func read() throws {
        link.update { $0.state = .joining }
        try consumer.subscribe(
            runtime.definition.topics,
            onAssigned: { [unowned self] in try take($0) },
            onRevoked: { [unowned self] in giveBack($0, areLost: $1) }
        )
        while !link.isStopping {
            link.turn()
            try step()
            try tendIfDue()
        }
        drain()
    }

    private func step() throws {
        try consumer.poll()
        try heedFence()
        if let failure = link.failure { throw failure }
        if let why = link.trouble(longerThan: runtime.patience) { try giveUp(.stuck(why)) }
        let budget = runtime.memory.bytes / 4
        guard link.hasRoom(within: budget) else {
            return link.waitForRoom(within: budget, .milliseconds(200))
        }
        let limit = min(runtime.definition.batch * link.lanes, 10_000)
        let batch = try consumer.next(max: limit, timeout: .milliseconds(100))
        try heed(batch.problems)
        guard !batch.isEmpty else { return }
        handOut(batch.survey(rule))
    }

    /// A lane found that another reader has its position.
    ///
    /// While the group is divided anew that is no surprise: the lane tries again until it is known
    /// what of its batch is still ours.
    private func heedFence() throws {
        guard link.isFenced, !consumer.isBeingDivided else { return }
        try giveUp(.fenced)
    }

    /// Order: lanes hear of it first, so that leaving waits for nothing that they cannot finish.
    func giveUp(_ error: InboxError) throws(InboxError) -> Never {
        link.fail(error)
        throw error
    }

    private func heed(_ problems: [KafkaBatch.Problem]) throws {
        for problem in problems {
            if let partition = problem.partition, problem.error.isOffsetOutOfRange {
                throw InboxError.noPosition(partition)
            }
            if let partition = problem.partition, problem.error.isUnknownTopic {
                throw InboxError.noTopic(partition)
            }
            link.update { status in
                status.lastError = problem.description
                if problem.error.isWholeClusterDown { status.state = .unreachable }
            }
        }
    }

    /// Gives each lane its part, and tells the others how far the reader has come.
    private func handOut(_ survey: KafkaSurvey) {
        let assigned = link.assigned
        var isFiltered = false
        let moves = survey.ranges().compactMap { range -> PositionMove? in
            guard let ledger = assigned[range.partition] else {
                isFiltered = true
                return nil
            }
            if range.first < ledger.isFilteredBelow { isFiltered = true }
            let from = handedOut[range.partition] ?? ledger.start
            handedOut[range.partition] = range.last + 1
            return PositionMove(
                partition: range.partition,
                generation: ledger.generation,
                from: from,
                next: range.last + 1,
                eventTime: range.lastCreatedAt.map(PostgresTimestamp.init(since2000:)),
                recordTime: range.lastTimestamp
            )
        }
        for (lane, rows) in survey.lanes(count: link.lanes).enumerated() {
            let wanted = isFiltered ? rows.filter { isNew($0, in: survey, assigned) } : rows
            link.hand(LaneBatch(survey, rows: wanted, moves: moves), to: lane)
        }
        link.noteConsuming()
    }

    private func isNew(
        _ row: Int32,
        in survey: KafkaSurvey,
        _ assigned: [KafkaPartition: PositionLedger]
    ) -> Bool {
        let row = Int(row)
        guard let ledger = assigned[survey.partition(at: row)] else { return false }
        return !ledger.hasApplied(survey.offsets[row], hash: survey.hashes[row])
    }

    // MARK: The end

    /// Applies what was taken, as far as time allows.
    private func drain() {
        link.update { $0.state = .draining }
        let time = link.stopDeadline?.remaining ?? .zero
        if link.waitUntilIdle(time), link.failure == nil { tellGroup() }
    }

    /// Leaves the group, and lets go of what was handed out.
    func leave() {
        consumer.close()
        link.discardAll()
    }

    // MARK: Beside the reading

    private func tendIfDue() throws {
        guard nextTending <= .now else { return }
        nextTending = .now + .seconds(1)
        tellGroup()
        lookForBrokers()
        do {
            if !session.isAlive { session = try Self.connect(runtime) }
            try tendDatabase()
        } catch let error as PostgresError where error.isConnectionLoss {
            // The lanes go on with sessions of their own, or say when they cannot.
            link.update { $0.lastError = "\(error)" }
        }
    }

    private func tendDatabase() throws {
        try lookForChanges()
        try askAgainIfDue()
        if nextDays <= .now {
            nextDays = .now + .seconds(600)
            try session.run(statements.positions.tendDays)
        }
        if let failure = try copies?.copy(through: session) { report(uncopied: failure) }
        if link.isWatched { try publishStatus() }
    }

    private func report(uncopied failure: KafkaError) {
        link.update { $0.lastError = "a dead letter has no copy: \(failure)" }
        runtime.log.warning("dead letters were not copied", ["reason": "\(failure)"])
    }

    /// No event says that a broker can be reached again: an answer does.
    private func lookForBrokers() {
        guard link.isUnreachable else { return }
        guard let partition = link.assigned.keys.first else {
            if (try? consumer.metadata(within: .seconds(1))) != nil { noteNothingToRead() }
            return
        }
        guard (try? consumer.watermarks(of: partition, within: .seconds(1))) != nil else { return }
        link.noteConsuming()
    }

    /// Stores our positions with the group, for tools that show lag.
    ///
    /// Crash: nothing depends on it.
    func tellGroup() {
        var changed: [KafkaPartition: Int64] = [:]
        for (partition, ledger) in link.assigned where committed[partition] != ledger.start {
            changed[partition] = ledger.start
        }
        guard !changed.isEmpty, consumer.commitLater(changed) else { return }
        committed.merge(changed) { $1 }
    }
}

extension KafkaPartition {
    /// From a row that begins with topic and partition.
    init(_ rows: borrowing PostgresRows, _ row: Int) {
        self.init(topic: rows.text(row, 0), partition: Int32(rows.int(row, 1)))
    }
}

extension DedupRule {
    /// What the walk over a batch looks for.
    var surveyRule: KafkaSurveyRule {
        guard mode == .id else { return KafkaSurveyRule(id: .nowhere) }
        let source: KafkaSurveyRule.IDSource =
            switch id {
            case .header(let name): .header(name)
            case .json(let path): .member(path)
            }
        return KafkaSurveyRule(id: source, usesPositionAsID: missing == .position)
    }
}
