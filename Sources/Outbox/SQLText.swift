/// The text of a file in `SQL/`, by its name without the ending.
func sqlText(_ name: String) -> String {
    guard let bytes = sqlFiles[name] else { preconditionFailure("there is no SQL/\(name).sql") }
    return String(decoding: bytes, as: UTF8.self)
}

private let sqlFiles: [String: [UInt8]] = [
    "acquire_lane": PackageResources.acquire_lane_sql,
    "add_order": PackageResources.add_order_sql,
    "archive_parked": PackageResources.archive_parked_sql,
    "check_grants": PackageResources.check_grants_sql,
    "check_index": PackageResources.check_index_sql,
    "check_sequence": PackageResources.check_sequence_sql,
    "check_state": PackageResources.check_state_sql,
    "check_state_table": PackageResources.check_state_table_sql,
    "count_backlog": PackageResources.count_backlog_sql,
    "count_parked": PackageResources.count_parked_sql,
    "create_archive": PackageResources.create_archive_sql,
    "create_notify": PackageResources.create_notify_sql,
    "create_outbox": PackageResources.create_outbox_sql,
    "create_state": PackageResources.create_state_sql,
    "defer_parked": PackageResources.defer_parked_sql,
    "describe_table": PackageResources.describe_table_sql,
    "discard_parked": PackageResources.discard_parked_sql,
    "find_owner": PackageResources.find_owner_sql,
    "list_blocked_keys": PackageResources.list_blocked_keys_sql,
    "list_free_keys": PackageResources.list_free_keys_sql,
    "list_parked": PackageResources.list_parked_sql,
    "list_writers": PackageResources.list_writers_sql,
    "park": PackageResources.park_sql,
    "read_ahead": PackageResources.read_ahead_sql,
    "read_due": PackageResources.read_due_sql,
    "read_gaps": PackageResources.read_gaps_sql,
    "release_lane": PackageResources.release_lane_sql,
    "renew_lane": PackageResources.renew_lane_sql,
    "retry_parked": PackageResources.retry_parked_sql,
    "settle_archive": PackageResources.settle_archive_sql,
    "settle_ids": PackageResources.settle_ids_sql,
    "settle_parked": PackageResources.settle_parked_sql,
    "settle_run": PackageResources.settle_run_sql,
    "show_parked": PackageResources.show_parked_sql,
    "take_parked": PackageResources.take_parked_sql,
    "tend_archive": PackageResources.tend_archive_sql,
]
