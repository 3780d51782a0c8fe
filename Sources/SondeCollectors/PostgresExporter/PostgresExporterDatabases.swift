import Sonde

extension PostgresExporter {
    /// What it shows of databases.
    static func databases(_ options: Options) -> [Member] {
        [
            Member("database", [connectionLimit(options), size(options)]),
            Member("database_wraparound", [wraparound]),
            Member("stat_database", [statDatabase]),
            Member("stat_database_conflicts", hasFlag: false, [conflicts]),
        ]
    }

    /// Whether the row of a database with this name is shown; the row of shared objects has no name and never is.
    private static func isShown(_ name: String, _ options: Options) -> String {
        let excluded =
            options.excludedDatabases.isEmpty ? "" : " AND \(name) NOT IN (\(list(options.excludedDatabases)))"
        return "\(name) IS NOT NULL\(excluded)"
    }

    private static func connectionLimit(_ options: Options) -> Definition {
        part(
            "database", help: "Limits of databases (pg_database)", from: Definition.database.from,
            columns: [
                .label("datname", "s.datname"),
                .gauge(
                    "connection_limit", SQL("CASE WHEN \(isShown("s.datname", options)) THEN d.datconnlimit END"),
                    help: "Most sessions allowed, -1 for no limit (pg_database.datconnlimit)"),
            ])
    }

    /// Of all databases, those that nobody can connect to included.
    private static func size(_ options: Options) -> Definition {
        part(
            "database_size", help: "Sizes of databases (pg_database_size())", prefix: "pg_database",
            from: SQL("pg_database AS d WHERE \(isShown("d.datname", options))"),
            columns: [
                .label("datname", "d.datname"),
                .gauge(
                    "size_bytes", "coalesce(pg_database_size(d.oid), 0)", in: .bytes,
                    help: "Disk space that the database uses (pg_database_size())"),
            ], cost: .heavy)
    }

    private static let wraparound = part(
        "database_wraparound", help: "Ages of the oldest identifiers that databases may hold (pg_database)",
        from: Definition.wraparound.from,
        columns: [
            .label("datname", "d.datname"),
            .gauge(
                "age_datfrozenxid_seconds", "CASE WHEN d.datallowconn THEN age(d.datfrozenxid) END",
                help: "Transactions, not seconds, since the oldest unfrozen (pg_database.datfrozenxid)"),
            .gauge(
                "age_datminmxid_seconds", "CASE WHEN d.datallowconn THEN mxid_age(d.datminmxid) END",
                help: "Multixacts, not seconds, since the oldest in use (pg_database.datminmxid)"),
        ], enabled: false)

    private static let statDatabase = part(
        "stat_database", help: "Activity by database (pg_stat_database)", from: Definition.database.from,
        columns: [
            .label("datid", "s.datid"), .label("datname", "s.datname"),
            .gauge(
                "numbackends", "CASE WHEN s.datname IS NOT NULL THEN s.numbackends END",
                help: "Sessions now connected (pg_stat_database.numbackends)"),
            named("xact_commit", "Transactions committed"),
            named("xact_rollback", "Transactions rolled back"),
            named("blks_read", "Blocks that were not in shared buffers"),
            named("blks_hit", "Blocks that were found in shared buffers"),
            named("tup_returned", "Live rows that scans returned"),
            named("tup_fetched", "Live rows fetched by index scans"),
            named("tup_inserted", "Rows inserted"),
            named("tup_updated", "Rows updated"),
            named("tup_deleted", "Rows deleted"),
            named("conflicts", "Queries cancelled for conflicts with recovery"),
            named("temp_files", "Temporary files that queries wrote"),
            named("temp_bytes", "Bytes that queries wrote to temporary files"),
            named("deadlocks", "Deadlocks found"),
            named("blk_read_time", "Milliseconds spent reading data files"),
            named("blk_write_time", "Milliseconds spent writing data files"),
            .counter(
                "stats_reset",
                SQL("CASE WHEN s.datname IS NOT NULL THEN \(time("s.stats_reset").everywhere ?? "") END"),
                help: "When these were last reset, in seconds since 1970, 0 for never (pg_stat_database.stats_reset)"),
            .counter(
                "active_time_seconds_total", [14: "CASE WHEN s.datname IS NOT NULL THEN s.active_time END"],
                in: .milliseconds, help: "Time that sessions spent in statements (pg_stat_database.active_time)"),
        ])

    /// A column of `pg_stat_database`, but for the row that has no name.
    private static func named(_ column: String, _ help: String) -> Column {
        .counter(
            column, SQL("CASE WHEN s.datname IS NOT NULL THEN s.\(column) END"),
            help: "\(help) (pg_stat_database.\(column))")
    }

    private static let conflicts = part(
        "stat_database_conflicts", help: "Conflicts with recovery (pg_stat_database_conflicts)",
        from: "pg_stat_database_conflicts AS s",
        columns: [
            .label("datid", "s.datid"), .label("datname", "s.datname"),
            .counter(
                "confl_tablespace", "s.confl_tablespace",
                help: "Queries cancelled for dropped tablespaces (pg_stat_database_conflicts.confl_tablespace)"),
            .counter(
                "confl_lock", "s.confl_lock",
                help: "Queries cancelled for locks (pg_stat_database_conflicts.confl_lock)"),
            .counter(
                "confl_snapshot", "s.confl_snapshot",
                help: "Queries cancelled for old snapshots (pg_stat_database_conflicts.confl_snapshot)"),
            .counter(
                "confl_bufferpin", "s.confl_bufferpin",
                help: "Queries cancelled for pinned buffers (pg_stat_database_conflicts.confl_bufferpin)"),
            .counter(
                "confl_deadlock", "s.confl_deadlock",
                help: "Queries cancelled for deadlocks (pg_stat_database_conflicts.confl_deadlock)"),
            .untyped(
                "confl_active_logicalslot", [16: "s.confl_active_logicalslot"],
                help: "Slots invalidated (pg_stat_database_conflicts.confl_active_logicalslot)"),
            .untyped(
                "stats_reset", [19: "floor(extract(epoch FROM s.stats_reset))"],
                help: "When these were last reset (pg_stat_database_conflicts.stats_reset)"),
        ])
}
