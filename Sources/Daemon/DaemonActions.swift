import Control
import FoundationEssentials
import Inbox
import Kafka
import Messaging
import Postgres
import Settings
import Threads

/// Answers what comes over the control socket.
struct DaemonActions: Sendable {
    let instance: String
    let version: String
    let mailboxes: RunningMailboxes
    let meter: ProcessorMeter
    let startedAt = MonotonicTime.now

    var actions: ControlActions {
        ControlActions(
            status: { report() },
            listDeadLetters: { try list($0) },
            showDeadLetter: { try show($0, id: $1) },
            retryDeadLetters: { selection in
                try change(selection) { try $0.retry($1) }
            },
            discardDeadLetters: { selection in
                try change(selection) { try $0.discard($1) }
            },
            seek: { try seek($0) },
            isLive: { mailboxes.isMoving },
            isReady: { mailboxes.isReady }
        )
    }

    private func report() -> StatusReport {
        StatusReport(
            instance: instance,
            version: version,
            pid: ProcessInfo.processInfo.processIdentifier,
            uptimeSeconds: (.now - startedAt) / .seconds(1),
            residentBytes: ProcessFigures.current().map { Int64($0.residentBytes) },
            cpuPercent: meter.percent(),
            lanes: mailboxes.outboxes.status(),
            inboxes: mailboxes.inboxes.status()
        )
    }

    private func list(_ selection: DeadLetterSelection) throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for desk in try chosen(selection.mailbox) where letters.count < selection.limit {
            var selection = selection
            selection.mailbox = desk.mailbox
            selection.limit -= letters.count
            letters += try desk.asked { try $0.list(selection) }
        }
        return letters
    }

    private func show(_ mailbox: Mailbox, id: Int64) throws -> DeadLetterDetail? {
        guard let found = try chosen(mailbox)[0].asked({ try $0.show(id) }) else { return nil }
        return DeadLetterDetail(
            letter: found.letter,
            headers: found.headers,
            payload: found.payload.map { Data($0.prefix(DeadLetterDetail.payloadLimit.bytes)) }
        )
    }

    private func change(
        _ selection: DeadLetterSelection,
        by change: (any DeadLetterDesk, DeadLetterSelection) throws -> Int
    ) throws -> Int {
        var count = 0
        for desk in try chosen(selection.mailbox) where count < selection.limit {
            var selection = selection
            selection.mailbox = desk.mailbox
            selection.limit -= count
            count += try desk.asked { try change($0, selection) }
        }
        return count
    }

    private func seek(_ order: SeekOrder) throws -> SeekPlan {
        guard let inbox = mailboxes.inboxes.first(where: { $0.name == order.inbox }) else {
            let wanted = Mailbox.inbox(order.inbox)
            let known = mailboxes.inboxes.map { Mailbox.inbox($0.name) }
            throw ControlError.notFound(
                "there is no \(wanted)\(Self.advice(wanted, among: known))"
            )
        }
        do {
            return try inbox.positions.seek(order)
        } catch let error as PostgresError where error.isConnectionLoss {
            throw ControlError.unavailable("\(Mailbox.inbox(order.inbox)): \(error)")
        } catch let error as KafkaError where error.isUnreachable {
            throw ControlError.unavailable("\(Mailbox.inbox(order.inbox)): \(error)")
        }
    }

    private func chosen(_ mailbox: Mailbox?) throws(ControlError) -> [any DeadLetterDesk] {
        guard let mailbox else { return mailboxes.desks }
        if let desk = mailboxes.desks.first(where: { $0.mailbox == mailbox }) { return [desk] }
        let known = mailboxes.desks.map(\.mailbox)
        throw .notFound("there is no \(mailbox)\(Self.advice(mailbox, among: known))")
    }

    private static func advice(_ mailbox: Mailbox, among known: [Mailbox]) -> String {
        if let other = known.first(where: { $0.name == mailbox.name }) {
            return "; did you mean \(other)?"
        }
        let names = known.filter { $0.kind == mailbox.kind }.map(\.name)
        if let nearest = NearestName.find(mailbox.name, among: names) {
            return "; did you mean \(nearest)?"
        }
        return names.isEmpty ? "" : "; there is \(names.joined(separator: ", "))"
    }
}
