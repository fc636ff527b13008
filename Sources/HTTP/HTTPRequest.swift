/// One question to a server, decoded.
package struct HTTPRequest: Equatable, Sendable {
    package var method: String
    /// The path without the query, percent-decoded.
    package var path: String
    /// The query, percent-decoded; the last value of a repeated name, empty where it has none.
    package var query: [String: String]
    package var body: [UInt8]

    package init(
        _ method: String,
        _ path: String,
        query: [String: String] = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// The path and the query as they stand in a URL.
    var target: String {
        let path = Self.encoded(path, keeping: "/")
        guard !query.isEmpty else { return path }
        let pairs = query.sorted { $0.key < $1.key }.map { name, value in
            "\(Self.encoded(name))=\(Self.encoded(value))"
        }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }

    private static func encoded(_ text: String, keeping kept: String = "") -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
            .union(kept.utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if plain.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += "%".utf8
                encoded += String(byte >> 4, radix: 16, uppercase: true).utf8
                encoded += String(byte & 15, radix: 16, uppercase: true).utf8
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
