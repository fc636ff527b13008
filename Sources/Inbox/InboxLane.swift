import Telemetry
import Threads

/// The life of one lane on its own thread: apply what it is handed, and retry what is parked.
actor InboxLane {
    private let link: InboxLink
    private let lane: Int
    private let runtime: InboxRuntime
    private nonisolated let executor: ThreadExecutor

    init(_ runtime: InboxRuntime, link: InboxLink, lane: Int) {
        self.runtime = runtime
        self.link = link
        self.lane = lane
        executor = ThreadExecutor(name: "inbox-lane")
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Works until the reader hands out nothing more.
    func run() {
        let applier: LaneApplier
        do {
            applier = try LaneApplier(runtime, link: link, lane: lane)
        } catch {
            // Only a name that SQL cannot say leads here.
            runtime.log.error("the lane cannot work", ["lane": lane, "error": "\(error)"])
            return
        }
        while !link.isFinished {
            if let batch = link.take(lane, within: applier.timeUntilTending) {
                applier.apply(batch)
                link.finish(lane)
            }
            applier.tend()
        }
    }
}
