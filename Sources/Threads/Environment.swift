import FoundationEssentials
import Glibc

/// Takes every variable that begins so out of this process's environment.
///
/// To be called while no other thread reads the environment: glibc does not guard it.
package func removeEnvironmentVariables(beginningWith prefix: String) {
    for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix(prefix) {
        unsetenv(name)
    }
}
