import FoundationEssentials

/// One answer of a server.
package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as text; bytes that are not UTF-8 are replaced.
    package var bodyText: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPResponse {
    /// An answer in plain text.
    package static func text(
        _ text: String,
        status: Int = 200,
        contentType: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        HTTPResponse(status: status, contentType: contentType, body: Array(text.utf8))
    }

    /// An answer in JSON, with sorted names and dates in ISO 8601.
    package static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let bytes = try? encoder.encode(value) else {
            return .text("the answer cannot be written as JSON\n", status: 500)
        }
        return HTTPResponse(status: status, contentType: "application/json", body: Array(bytes))
    }

    /// The answer to a path that nothing stands behind.
    package static let notFound = text("not found\n", status: 404)

    /// The answer to a path that does not know the method.
    package static let methodNotAllowed = text("method not allowed\n", status: 405)

    /// The answer to a body that is over the limit.
    package static let tooLarge = text("the request body is too large\n", status: 413)

    /// The body read as JSON, or nil when it is not what was expected.
    package func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try? decoder.decode(type, from: Data(body))
    }
}
