import Glibc
import TestKit
import Threads

/// Waits that leave the threads of Swift's pool to the other tests.
extension ChildProcess {
    /// Waits until it has written the text to standard error; false when it does not in time.
    func says(_ text: String, within timeout: Duration = patience) async -> Bool {
        await blocking { self.errors?.wait(for: text, timeout: timeout) ?? false }
    }

    /// Waits for its end.
    func ends(within timeout: Duration = patience) async -> ExitStatus? {
        await blocking { self.waitForExit(timeout: timeout) }
    }

    /// Asks it to end, and waits for that.
    func terminate() async -> ExitStatus? {
        kill(SIGTERM)
        return await ends()
    }
}
