import FoundationEssentials
import Glibc

/// Processor time that the kernel has counted, in steps of 10 ms.
enum ProcessorTime {
    /// Of a process, its children, and those of them that have ended.
    static func ofFamily(_ pid: Int32) -> Duration {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let family = entries.compactMap { Int32($0) }
            .compactMap { KernelCount(path: "/proc/\($0)/stat") }
            .filter { $0.pid == pid || $0.parent == pid }
        return duration(ofTicks: family.reduce(0) { $0 + $1.ownTicks + $1.endedChildrenTicks })
    }

    /// Of the threads of this process that have a name.
    static func ofOwnThreads(named name: String) -> Duration {
        let folder = "/proc/self/task"
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let threads = entries.compactMap { KernelCount(path: "\(folder)/\($0)/stat") }
            .filter { $0.name == name }
        return duration(ofTicks: threads.reduce(0) { $0 + $1.ownTicks })
    }

    private static func duration(ofTicks ticks: Int) -> Duration {
        .seconds(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}

/// The line that the kernel has on a process or a thread.
private struct KernelCount {
    let pid: Int32
    let parent: Int32
    let name: String
    let ownTicks: Int
    let endedChildrenTicks: Int

    /// Nil when it has ended meanwhile.
    init?(path: String) {
        guard let line = try? String(contentsOfFile: path, encoding: .utf8),
            let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"),
            let pid = Int32(line[..<open].dropLast())
        else { return nil }
        // After the name in brackets come fields 3 and on: state, parent, …
        let fields = line[line.index(after: close)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        self.pid = pid
        self.parent = parent
        name = String(line[line.index(after: open)..<close])
        ownTicks = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
        endedChildrenTicks = (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
    }
}
