package import Messaging
import Threads

/// One outbox at work: its lanes, each on a thread of its own, and the keeper of their leases.
package final class OutboxEngine: Sendable {
    private let runtime: OutboxRuntime
    private let links: [LaneLink]
    private let keeperWake = WakeSignal()

    package init(_ runtime: OutboxRuntime) {
        self.runtime = runtime
        links = (0..<runtime.definition.lanes).map {
            LaneLink(outbox: runtime.definition.name, lane: $0)
        }
    }

    /// Publishes until it was stopped and has finished what was in flight.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for link in links {
                    group.addTask { [runtime, keeperWake] in
                        await OutboxLane(runtime, link: link, keeperWake: keeperWake).run()
                    }
                }
                group.addTask { [runtime, links, keeperWake] in
                    await LeaseKeeper(runtime, links: links, wake: keeperWake).run()
                }
            }
        } onCancel: {
            stop(grace: .zero)
        }
    }

    /// Stops reading, finishes what is in flight within `grace`, and gives the leases back.
    package func stop(grace: Duration) {
        for link in links { link.stop(by: .now + grace) }
        keeperWake.signal()
    }

    /// How the lanes are doing.
    ///
    /// Being asked makes the keeper count what waits.
    package func status() -> [LaneStatus] { links.map(\.status) }

    /// Whether every lane's loop has turned lately.
    package var isMoving: Bool { links.allSatisfy(\.isMoving) }
}
