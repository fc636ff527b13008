/// The text of a file in `SQL/`, by its name without the ending.
func sqlText(_ name: String) -> String {
    guard let bytes = sqlFiles[name] else { preconditionFailure("there is no SQL/\(name).sql") }
    return String(decoding: bytes, as: UTF8.self)
}

/// Whether there is such a file.
func hasSQL(_ name: String) -> Bool { sqlFiles[name] != nil }

private let sqlFiles: [String: [UInt8]] = [
    "advance": PackageResources.advance_sql,
    "apply_parked": PackageResources.apply_parked_sql,
    "begin_attempt": PackageResources.begin_attempt_sql,
    "begin_retry": PackageResources.begin_retry_sql,
    "begin_session": PackageResources.begin_session_sql,
    "check_functions": PackageResources.check_functions_sql,
    "check_schema": PackageResources.check_schema_sql,
    "check_tables": PackageResources.check_tables_sql,
    "count_parked": PackageResources.count_parked_sql,
    "create_chain": PackageResources.create_chain_sql,
    "create_inbox": PackageResources.create_inbox_sql,
    "create_inbox_days": PackageResources.create_inbox_days_sql,
    "create_todo": PackageResources.create_todo_sql,
    "discard_parked": PackageResources.discard_parked_sql,
    "end_attempt": PackageResources.end_attempt_sql,
    "end_retry": PackageResources.end_retry_sql,
    "forget_positions": PackageResources.forget_positions_sql,
    "free_held": PackageResources.free_held_sql,
    "free_positions": PackageResources.free_positions_sql,
    "give_up": PackageResources.give_up_sql,
    "grant_inbox": PackageResources.grant_inbox_sql,
    "grant_todo": PackageResources.grant_todo_sql,
    "list_blocked": PackageResources.list_blocked_sql,
    "list_parked": PackageResources.list_parked_sql,
    "list_positions": PackageResources.list_positions_sql,
    "lock_positions": PackageResources.lock_positions_sql,
    "make_positions": PackageResources.make_positions_sql,
    "note_copies": PackageResources.note_copies_sql,
    "note_ids": PackageResources.note_ids_sql,
    "note_window": PackageResources.note_window_sql,
    "park": PackageResources.park_sql,
    "put_back": PackageResources.put_back_sql,
    "read_lag": PackageResources.read_lag_sql,
    "read_positions": PackageResources.read_positions_sql,
    "retry_parked": PackageResources.retry_parked_sql,
    "set_positions": PackageResources.set_positions_sql,
    "show_parked": PackageResources.show_parked_sql,
    "store": PackageResources.store_sql,
    "take_copies": PackageResources.take_copies_sql,
    "take_due": PackageResources.take_due_sql,
    "take_positions": PackageResources.take_positions_sql,
]
