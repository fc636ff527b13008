/// The text of a file in `SQL/`, by its name without the ending.
func sqlText(_ name: String) -> String {
    guard let bytes = sqlFiles[name] else { preconditionFailure("there is no SQL/\(name).sql") }
    return String(decoding: bytes, as: UTF8.self)
}

private let sqlFiles: [String: [UInt8]] = [
    "create_chain": PackageResources.create_chain_sql,
    "create_inbox": PackageResources.create_inbox_sql,
]
