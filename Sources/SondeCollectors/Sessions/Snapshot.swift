package import Sonde

extension Definition {
    /// `pg_current_snapshot()`: how fast transaction IDs are used up, and how far back the oldest that still runs is.
    package static let snapshot = Definition(
        "snapshot", help: "Transaction IDs that are used and running (pg_current_snapshot())",
        from: "pg_current_snapshot() AS s",
        columns: [
            .counter(
                "xids_total", "pg_snapshot_xmax(s)::text::bigint",
                help: "Transaction IDs used since the cluster was made (pg_snapshot_xmax())"),
            .gauge(
                "xmin_age", "pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint",
                help: "Transaction IDs since the oldest that still runs (pg_snapshot_xmin())"),
            .gauge(
                "running", "(SELECT count(*) FROM pg_snapshot_xip(s))",
                help: "Transactions with an ID that are running (pg_snapshot_xip())"),
        ])
}
