import Glibc
import Synchronization
import Testing
import Threads

private actor Worker {
    private nonisolated let executor: ThreadExecutor
    private let farewell: @Sendable (Int32) -> Void
    private var count = 0

    init(name: String, farewell: @escaping @Sendable (Int32) -> Void = { _ in }) {
        executor = ThreadExecutor(name: name)
        self.farewell = farewell
    }

    isolated deinit { farewell(currentThreadID()) }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    func threadID() -> Int32 { currentThreadID() }

    func add() -> Int {
        assertIsolated()
        count += 1
        return count
    }
}

struct ThreadExecutorTests {
    @Test func `an actor's work stays on one thread, which is not the caller's`() async {
        let worker = Worker(name: "stays")
        let first = await worker.threadID()
        await Task.yield()
        let second = await worker.threadID()
        #expect(first == second)
        #expect(first != currentThreadID())
    }

    @Test func `work from many tasks runs one after the other`() async {
        let worker = Worker(name: "serial")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = await worker.add() } }
        }
        #expect(await worker.add() == 201)
    }

    @Test func `an actor says farewell on its own thread, which then ends`() async throws {
        let (threads, continuation) = AsyncStream.makeStream(of: Int32.self)
        var worker: Worker? = Worker(name: "farewell") { continuation.yield($0) }
        let thread = try #require(await worker?.threadID())
        worker = nil
        let last = await threads.first { _ in true }
        #expect(last == thread)
        while access("/proc/self/task/\(thread)", F_OK) == 0 { sched_yield() }
    }
}
