/// The text of a file in `SQL/`, by its name without the ending.
func sqlText(_ name: String) -> String {
    guard let bytes = sqlFiles[name] else { preconditionFailure("there is no SQL/\(name).sql") }
    return String(decoding: bytes, as: UTF8.self)
}

/// Whether there is such a file.
func hasSQL(_ name: String) -> Bool { sqlFiles[name] != nil }

private let sqlFiles: [String: [UInt8]] = [
    "check_functions": PackageResources.check_functions_sql,
    "check_schema": PackageResources.check_schema_sql,
    "check_tables": PackageResources.check_tables_sql,
    "create_inbox": PackageResources.create_inbox_sql,
    "create_inbox_days": PackageResources.create_inbox_days_sql,
    "grant_inbox": PackageResources.grant_inbox_sql,
    "grant_todo": PackageResources.grant_todo_sql,
]
