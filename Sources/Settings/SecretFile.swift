import FoundationEssentials

/// A file with a secret in it, which nobody but its owner may read.
struct SecretFile {
    private let path: String
    private let isCredential: Bool

    /// A file in the folder of `credentials`, which systemd guards itself, may be open to a group.
    init(_ path: String, credentials: String?) {
        let target = Self.target(of: path)
        self.path = target
        isCredential = credentials.map { target.hasPrefix(Self.target(of: $0) + "/") } ?? false
    }

    private static func target(of path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path
    }

    func read() throws(SecretError) -> String {
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: path)
        } catch {
            throw .noFile(path)
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw .notAFile(path)
        }
        let mode = attributes[.posixPermissions] as? Int ?? 0o777
        guard isCredential || mode & 0o077 == 0 else { throw .openToOthers(path) }
        let size = attributes[.size] as? Int ?? .max
        guard size <= SecretReference.maximumBytes else { throw .tooLarge("file \(path)") }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path)
        }
        return try Self.checked(Array(data), of: "file \(path)")
    }

    /// The secret as text that fits into a C string.
    static func checked(_ bytes: [UInt8], of place: String) throws(SecretError) -> String {
        guard bytes.count <= SecretReference.maximumBytes else { throw .tooLarge(place) }
        guard var text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw .notText(place)
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw .empty(place) }
        return text
    }
}
