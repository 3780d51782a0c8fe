package import Sonde

extension Definition {
    /// `pg_stat_database_conflicts`: what cancelled queries on a standby.
    package static let databaseConflicts = Definition(
        "database_conflicts",
        help: "Queries cancelled on a standby for conflicts with recovery, by cause (pg_stat_database_conflicts)",
        // On a primary they stand still, and nothing is shown of them; other names of theirs are shown there too, by the same statement.
        from: "pg_stat_database_conflicts AS s",
        columns: [
            .label("datname", "s.datname"),
            .counter(
                "tablespace_total", "CASE WHEN pg_is_in_recovery() THEN s.confl_tablespace END",
                help: "Queries cancelled since a tablespace was dropped (pg_stat_database_conflicts.confl_tablespace)"),
            .counter(
                "lock_total", "CASE WHEN pg_is_in_recovery() THEN s.confl_lock END",
                help: "Queries cancelled since they held a lock for too long (pg_stat_database_conflicts.confl_lock)"),
            .counter(
                "snapshot_total", "CASE WHEN pg_is_in_recovery() THEN s.confl_snapshot END",
                help: "Queries cancelled since they needed rows that vacuum removed "
                    + "(pg_stat_database_conflicts.confl_snapshot)"),
            .counter(
                "bufferpin_total", "CASE WHEN pg_is_in_recovery() THEN s.confl_bufferpin END",
                help: "Queries cancelled since they pinned a buffer (pg_stat_database_conflicts.confl_bufferpin)"),
            .counter(
                "deadlock_total", "CASE WHEN pg_is_in_recovery() THEN s.confl_deadlock END",
                help: "Queries cancelled for deadlocks with replay (pg_stat_database_conflicts.confl_deadlock)"),
            .counter(
                "active_logicalslot_total", [16: "CASE WHEN pg_is_in_recovery() THEN s.confl_active_logicalslot END"],
                help: "Uses of logical slots cancelled for what replay removes "
                    + "(pg_stat_database_conflicts.confl_active_logicalslot)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "CASE WHEN pg_is_in_recovery() THEN s.stats_reset END"],
                in: .timestamp,
                help: "When these counters were last reset (pg_stat_database_conflicts.stats_reset)"),
        ])
}
