extension TruthCase {
    /// What databases are, and how far from their limits.
    static let databaseFacts: [TruthCase] =
        view(
            "database", [("datname", "datname")], "pg_database",
            [
                "allow_connections": "datallowconn::int", "is_template": "datistemplate::int",
                "valid": "(datconnlimit > -2)::int",
            ])
        + view(
            "database_conflicts", [("datname", "datname")], "pg_stat_database_conflicts", onStandby: true,
            [
                "tablespace_total": "confl_tablespace", "lock_total": "confl_lock", "snapshot_total": "confl_snapshot",
                "bufferpin_total": "confl_bufferpin", "deadlock_total": "confl_deadlock",
            ])
        + view(
            "database_conflicts", [("datname", "datname")], "pg_stat_database_conflicts", majors: 16...99,
            onStandby: true, ["active_logicalslot_total": "confl_active_logicalslot"])
        + view(
            "wraparound", [("datname", "datname")], "pg_database",
            [
                "datfrozenxid_remaining_ratio": "(2147483648 - age(datfrozenxid)) / 2147483648.0",
                "datfrozenxid_autovacuum_remaining_ratio": "1 - age(datfrozenxid) / 200000000.0",
                "datminmxid_remaining_ratio": "(2147483648 - mxid_age(datminmxid)) / 2147483648.0",
                "datminmxid_autovacuum_remaining_ratio": "1 - mxid_age(datminmxid) / 400000000.0",
            ])
        + view(
            "multixact", [], "pg_get_multixact_stats()", majors: 19...99,
            [
                "ids": "num_mxids", "members": "num_members", "members_bytes": "members_size",
                "oldest_age": "mxid_age(oldest_multixact)",
            ])
}
