package import Messaging
import Threads

/// One inbox at work: its reader and its lanes, each on a thread of its own.
package final class InboxEngine: Sendable {
    private let runtime: InboxRuntime
    private let link: InboxLink

    package init(_ runtime: InboxRuntime) {
        self.runtime = runtime
        link = InboxLink(runtime.definition)
    }

    /// Reads and applies until it was stopped and has finished what was in flight.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for lane in 0..<runtime.definition.lanes {
                    group.addTask { [runtime, link] in
                        await InboxLane(runtime, link: link, lane: lane).run()
                    }
                }
                group.addTask { [runtime, link] in
                    await InboxReader(runtime, link: link).run()
                }
            }
        } onCancel: {
            stop(grace: .zero)
        }
    }

    /// Reads no more, applies what was taken within `grace`, and leaves the group.
    package func stop(grace: Duration) {
        link.stop(by: .now + grace)
    }

    /// How the inbox is doing.
    ///
    /// Being asked makes the reader look for what still waits.
    package func status() -> InboxStatus { link.status }

    /// Whether the reader's loop has turned lately.
    package var isMoving: Bool { link.isMoving }
}
