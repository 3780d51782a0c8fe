package import Sonde

extension Definition {
    /// `pg_prepared_xacts`: transactions that wait for the second phase of their commit, and hold locks and rows until then.
    package static let preparedTransactions = Definition(
        "prepared_xacts", help: "Transactions that are prepared and not yet committed (pg_prepared_xacts)",
        from: "pg_database AS d LEFT JOIN pg_prepared_xacts AS p ON p.database = d.datname WHERE d.datallowconn",
        columns: [
            .label("datname", "d.datname"),
            .gauge("transactions", "count(p.gid)", help: "Transactions that are prepared (pg_prepared_xacts.gid)"),
            .gauge(
                "oldest_seconds", "max(clock_timestamp() - p.prepared)", in: .seconds,
                help: "Time since the oldest was prepared (pg_prepared_xacts.prepared)"),
            .gauge(
                "oldest_xid_age", "max(age(p.transaction))",
                help: "Transactions since the oldest that is prepared (pg_prepared_xacts.transaction)"),
        ], group: true)
}
