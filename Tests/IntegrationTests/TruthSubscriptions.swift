extension TruthCase {
    /// Logical replication, at both of its ends.
    static let subscriptions: [TruthCase] =
        view(
            "logical_decoding", [("slot_name", "slot_name")], "pg_stat_replication_slots", majors: 14...99,
            counters(
                "spill_txns", "spill_count", "spill_bytes", "stream_txns", "stream_count", "stream_bytes"
            ).merging(["txns_total": "total_txns", "bytes_total": "total_bytes"]) { $1 })
        + view(
            "publication", [("datname", "current_database()"), ("pubname", "pubname")], "pg_publication",
            database: "shop",
            [
                "all_tables": "puballtables::int", "insert": "pubinsert::int", "update": "pubupdate::int",
                "delete": "pubdelete::int", "truncate": "pubtruncate::int", "via_root": "pubviaroot::int",
                "tables": """
                CASE pubname WHEN 'items' THEN 1 WHEN 'mixed' THEN 3
                ELSE (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
                AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')) END
                """,
                "tables_without_identity": "(pubname = 'mixed')::int",
            ])
        + view(
            "subscription", subscriber, "pg_subscription AS u JOIN pg_database AS d ON d.oid = subdbid",
            [
                "enabled": "subenabled::int",
                // The idle one, and those on a standby, have none.
                "apply_workers": """
                (SELECT count(*) FROM pg_stat_activity AS a WHERE a.datname = d.datname AND subenabled
                AND a.backend_type LIKE 'logical replication%worker')
                """,
                "table_sync_workers": "0",
            ])
        + view(
            "subscription", subscriber, "\(worker) WHERE s.received_lsn IS NOT NULL",
            [
                "received_lsn_bytes": "received_lsn - '0/0'", "latest_end_lsn_bytes": "latest_end_lsn - '0/0'",
            ].merging(
                timestamps([
                    "latest_end": "latest_end_time", "last_msg_send": "last_msg_send_time",
                    "last_msg_receipt": "last_msg_receipt_time",
                ])
            ) { $1 })
        + view(
            "subscription_stats", subscriber, errors, majors: 15...18,
            ["apply_error_count_total": "apply_error_count", "sync_table_error_count_total": "sync_error_count"])
        + view(
            "subscription_stats", subscriber, errors, majors: 18...99,
            counters(
                "confl_insert_exists", "confl_update_origin_differs", "confl_update_exists", "confl_update_missing",
                "confl_delete_origin_differs", "confl_delete_missing", "confl_multiple_unique_conflicts"))
        + [
            TruthCase(
                family: "pg_subscription_rel_relations", labels: ["datname", "subname", "state"],
                sql: "SELECT 'branch', 'branch', 'ready', count(*) FROM pg_subscription_rel", database: "branch")
        ]

    private static let subscriber = [(name: "datname", sql: "d.datname"), (name: "subname", sql: "u.subname")]
    private static let worker = """
        pg_subscription AS u JOIN pg_database AS d ON d.oid = u.subdbid JOIN pg_stat_subscription AS s ON s.subid = u.oid
        """
    private static let errors = """
        pg_subscription AS u JOIN pg_database AS d ON d.oid = u.subdbid
        JOIN pg_stat_subscription_stats AS s ON s.subid = u.oid
        """
}
