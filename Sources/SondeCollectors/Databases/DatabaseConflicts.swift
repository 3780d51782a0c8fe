package import Sonde

extension Definition {
    /// `pg_stat_database_conflicts`: what cancelled queries on a standby.
    package static let databaseConflicts = Definition(
        "database_conflicts",
        help: "Queries cancelled on a standby for conflicts with recovery, by cause (pg_stat_database_conflicts)",
        // On a primary they stand still.
        from: "pg_stat_database_conflicts AS s WHERE pg_is_in_recovery()",
        columns: [
            .label("datname", "s.datname"),
            .counter(
                "tablespace_total", "s.confl_tablespace",
                help: "Queries cancelled since a tablespace was dropped (pg_stat_database_conflicts.confl_tablespace)"),
            .counter(
                "lock_total", "s.confl_lock",
                help: "Queries cancelled since they held a lock for too long (pg_stat_database_conflicts.confl_lock)"),
            .counter(
                "snapshot_total", "s.confl_snapshot",
                help: "Queries cancelled since they needed rows that vacuum removed "
                    + "(pg_stat_database_conflicts.confl_snapshot)"),
            .counter(
                "bufferpin_total", "s.confl_bufferpin",
                help: "Queries cancelled since they pinned a buffer (pg_stat_database_conflicts.confl_bufferpin)"),
            .counter(
                "deadlock_total", "s.confl_deadlock",
                help: "Queries cancelled for deadlocks with replay (pg_stat_database_conflicts.confl_deadlock)"),
            .counter(
                "active_logicalslot_total", [16: "s.confl_active_logicalslot"],
                help: "Uses of logical slots cancelled for what replay removes "
                    + "(pg_stat_database_conflicts.confl_active_logicalslot)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_stat_database_conflicts.stats_reset)"),
        ])
}
