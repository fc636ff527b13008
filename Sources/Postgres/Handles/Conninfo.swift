import CLibpq

/// One keyword of a connection, such as `host`, and its value.
struct ConnectionParameter: Sendable, Equatable {
    let keyword: String
    var value: String
}

/// Reads a URL or `key=value` pairs; only what stands there is returned.
///
/// libpq's own words about a mistake quote the text, in which a password may stand, so they are
/// replaced by ours.
func parseConninfo(_ conninfo: String) throws(PostgresError) -> [ConnectionParameter] {
    guard !conninfo.utf8.contains(0) else { throw .invalidTarget("it holds a NUL") }
    var text: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(conninfo, &text) else {
        let complaint = text.map { String(cString: $0) } ?? ""
        PQfreemem(text)
        throw .invalidTarget(ownWords(for: complaint))
    }
    // Safety: the list is ours to free, ends with a null keyword, and is read before that.
    defer { PQconninfoFree(options) }
    var parameters: [ConnectionParameter] = []
    var option = options
    while let keyword = option.pointee.keyword {
        if let value = option.pointee.val {
            parameters.append(
                ConnectionParameter(
                    keyword: String(cString: keyword),
                    value: String(cString: value)
                )
            )
        }
        option += 1
    }
    return parameters
}

private func ownWords(for complaint: String) -> String {
    let known = [
        ("missing \"=\"", "a keyword lacks its \"=\""),
        ("unterminated quoted", "a quote is not closed"),
        ("invalid connection option", "a keyword is unknown"),
        ("invalid URI query parameter", "a parameter of the URL is unknown"),
        ("percent-encoded", "a percent sign is not followed by two hexadecimal digits"),
        ("IPv6", "the IPv6 address is not well-formed"),
        ("%00", "it holds an encoded NUL"),
        ("key/value separator", "a parameter of the URL lacks or repeats its \"=\""),
        ("missing key", "a parameter of the URL lacks or repeats its \"=\""),
    ]
    let words = known.first { complaint.contains($0.0) }?.1
    return words ?? "it is not well-formed"
}
