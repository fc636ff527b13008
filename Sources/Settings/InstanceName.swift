import FoundationEssentials

/// What this instance is called in leases, logs and status.
enum InstanceName {
    static let rule = "must be 1 to 63 letters, digits, '.', '_' and '-'"

    static func isValid(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count) && name.utf8.allSatisfy(isAllowed)
    }

    /// The host's name and a random part, so that two instances on one host differ and a restarted
    /// one is not taken for the one before.
    static func random(
        host: String = ProcessInfo.processInfo.hostName,
        using generator: inout some RandomNumberGenerator
    ) -> String {
        let allowed = host.utf8.filter(isAllowed).prefix(50)
        let name = allowed.isEmpty ? "postbox" : String(decoding: allowed, as: UTF8.self)
        let part = String(UInt32.random(in: 0...UInt32.max, using: &generator), radix: 16)
        return "\(name)-\(String(repeating: "0", count: 8 - part.count))\(part)"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        SettingsName.isValid(String(UnicodeScalar(byte)).lowercased()) || byte == UInt8(ascii: ".")
    }
}
