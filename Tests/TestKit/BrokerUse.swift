import Glibc
import Synchronization

/// Which suite ran on which broker; said once, at the end of the test process.
enum BrokerUse {
    private static let kinds = Mutex<[String: Set<BrokerKind>]?>(nil)

    /// Notes a use; `suite` is a `#fileID`.
    static func note(_ kind: BrokerKind, by suite: String) {
        kinds.withLock { kinds in
            if kinds == nil { atexit { BrokerUse.report() } }
            kinds = kinds ?? [:]
            kinds?[suite, default: []].insert(kind)
        }
    }

    private static func report() {
        for (suite, used) in kinds.withLock({ $0 ?? [:] }).sorted(by: { $0.key < $1.key }) {
            let names = used.map(\.description).sorted().joined(separator: " and ")
            print("broker of \(suite): \(names)")
        }
    }
}
