import Glibc

/// What the kernel says a process has used so far.
package struct ProcessFigures: Sendable {
    package let residentBytes: Int
    package let peakResidentBytes: Int
    package let userTime: Duration
    package let systemTime: Duration
    package let threadCount: Int

    package var processorTime: Duration { userTime + systemTime }

    /// Reads the figures from the kernel, or nil where there is no such process.
    ///
    /// Times come in steps of 10 ms.
    package init?(ofProcess pid: Int32) {
        self.init(directory: "/proc/\(pid)")
    }

    /// The figures of this process.
    package static func current() -> ProcessFigures? {
        ProcessFigures(directory: "/proc/self")
    }

    private init?(directory: String) {
        guard let status = readSmallFile("\(directory)/status"),
            let stat = readSmallFile("\(directory)/stat"),
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        // After the name in brackets, which may hold anything, come fields 3 and on.
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 17 else { return nil }
        residentBytes = kibibytes("VmRSS:", in: status)
        peakResidentBytes = kibibytes("VmHWM:", in: status)
        userTime = ticks(fields[11])
        systemTime = ticks(fields[12])
        threadCount = Int(fields[17]) ?? 0
    }
}

private func ticks(_ text: Substring) -> Duration {
    let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    return .seconds((Double(text) ?? 0) / perSecond)
}

private func kibibytes(_ label: String, in status: String) -> Int {
    let line = status.split(separator: "\n").first { $0.hasPrefix(label) }
    let number = line?.dropFirst(label.count).split(whereSeparator: \.isWhitespace).first
    return (number.flatMap { Int($0) } ?? 0) * 1024
}

private func readSmallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let text = String(unsafeUninitializedCapacity: 8192) { buffer in
        // Safety: the read stays within the buffer; the kernel writes these files in one piece.
        max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    return text.isEmpty ? nil : text
}
