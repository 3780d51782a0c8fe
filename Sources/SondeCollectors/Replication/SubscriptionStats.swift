package import Sonde

extension Definition {
    /// `pg_stat_subscription_stats`, which exists since 15: what went wrong in applying changes.
    package static let subscriptionStats = Definition(
        "subscription_stats", help: "Errors and conflicts of subscriptions (pg_stat_subscription_stats)",
        from: [
            15: """
            pg_stat_subscription_stats AS s JOIN pg_subscription AS u ON u.oid = s.subid
            JOIN pg_database AS d ON d.oid = u.subdbid
            """
        ],
        columns: [
            .label("datname", "d.datname"),
            .label("subname", "s.subname"),
            .counter(
                "apply_error_count_total", "s.apply_error_count",
                help:
                    "Times that applying changes failed, conflicts included (pg_stat_subscription_stats.apply_error_count)"
            ),
            .counter(
                "sync_table_error_count_total", [15: "s.sync_error_count", 19: "s.sync_table_error_count"],
                help: """
                    Times that the first copy of a table failed \
                    (pg_stat_subscription_stats.sync_table_error_count; until 18 sync_error_count)
                    """),
            .counter(
                "sync_seq_error_count_total", [19: "s.sync_seq_error_count"],
                help: "Times that copying sequences failed (pg_stat_subscription_stats.sync_seq_error_count)"),
            conflict("insert_exists", "Inserts of rows that were there already"),
            conflict("update_origin_differs", "Updates of rows that another origin had changed last"),
            conflict("update_exists", "Updates after which a row would equal another in a unique index"),
            conflict("update_missing", "Updates of rows that were not there"),
            conflict("update_deleted", "Updates of rows that another origin had deleted", since: 19),
            conflict("delete_origin_differs", "Deletes of rows that another origin had changed last"),
            conflict("delete_missing", "Deletes of rows that were not there"),
            conflict("multiple_unique_conflicts", "Rows that were in the way of several unique indexes"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_subscription_stats.stats_reset)"),
        ])

    private static func conflict(_ name: String, _ what: String, since: Version = 18) -> Column {
        .counter(
            "confl_\(name)_total", SQL([SQL.Era(since: since, text: "s.confl_\(name)")]),
            help: "\(what) (pg_stat_subscription_stats.confl_\(name))")
    }
}
