import Glibc
import Synchronization
import Testing
import Threads

struct TerminationSignalsTests {
    @Test func `signals arrive in order, and a second wish to end is told from the first`() async {
        await #expect(processExitsWith: .success) {
            var signals = TerminationSignals.stream().makeAsyncIterator()
            let sent = [
                (SIGHUP, TerminationSignal.Kind.hangUp, false), (SIGTERM, .terminate, false),
                (SIGHUP, .hangUp, false), (SIGINT, .interrupt, true),
            ]
            for (number, kind, isRepeated) in sent {
                kill(getpid(), number)
                let signal = await signals.next()
                #expect(signal?.kind == kind)
                #expect(signal?.isRepeated == isRepeated)
            }
        }
    }
}
