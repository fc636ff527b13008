import Control
import FoundationEssentials
import Messaging
import Outbox
import Settings
import Threads

/// Answers what comes over the control socket.
struct DaemonActions: Sendable {
    let instance: String
    let version: String
    let outboxes: [RunningOutbox]
    let meter: ProcessorMeter
    let startedAt = MonotonicTime.now

    var actions: ControlActions {
        ControlActions(
            status: { report() },
            listDeadLetters: { try list($0) },
            showDeadLetter: { try show(outbox: $0, id: $1) },
            retryDeadLetters: { selection in
                try change(selection) { try $0.retry($1) }
            },
            discardDeadLetters: { selection in
                try change(selection) { try $0.discard($1) }
            },
            isLive: { outboxes.isMoving },
            isReady: { outboxes.isReady }
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
            lanes: outboxes.status()
        )
    }

    private func list(_ selection: DeadLetterSelection) throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for outbox in try chosen(selection.outbox) where letters.count < selection.limit {
            var selection = selection
            selection.outbox = outbox.name
            selection.limit -= letters.count
            letters += try outbox.asked { try $0.list(selection) }
        }
        return letters
    }

    private func show(outbox name: String, id: Int64) throws -> DeadLetterDetail? {
        let outbox = try chosen(name)[0]
        guard let (letter, headers, payload) = try outbox.asked({ try $0.show(id) }) else {
            return nil
        }
        return DeadLetterDetail(
            letter: letter,
            headers: headers,
            payload: payload.map { Data($0.prefix(DeadLetterDetail.payloadLimit.bytes)) }
        )
    }

    private func change(
        _ selection: DeadLetterSelection,
        by change: (DeadLetterDesk, DeadLetterSelection) throws -> Int
    ) throws -> Int {
        var count = 0
        for outbox in try chosen(selection.outbox) where count < selection.limit {
            var selection = selection
            selection.outbox = outbox.name
            selection.limit -= count
            count += try outbox.asked { try change($0, selection) }
        }
        return count
    }

    private func chosen(_ name: String?) throws(ControlError) -> [RunningOutbox] {
        guard let name else { return outboxes }
        if let outbox = outboxes.first(where: { $0.name == name }) { return [outbox] }
        let names = outboxes.map(\.name)
        let nearest = NearestName.find(name, among: names)
        throw .notFound(
            "there is no outbox \(name); "
                + (nearest.map { "did you mean \($0)?" }
                    ?? "there is \(names.joined(separator: ", "))")
        )
    }
}
