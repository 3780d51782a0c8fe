package import Sonde

extension Definition {
    /// `pg_stat_database`, with the row of the objects that all databases share, whose name is empty.
    package static let database = Definition(
        "database", help: "Activity by database since the last reset (pg_stat_database)",
        from: "pg_stat_database AS s LEFT JOIN pg_database AS d ON d.oid = s.datid",
        columns: [
            .label("datname", "s.datname"),
            .gauge("numbackends", "s.numbackends", help: "Sessions now connected (pg_stat_database.numbackends)"),
            .gauge(
                "connection_limit", "d.datconnlimit",
                help: "Most sessions allowed, -1 for no limit, -2 if invalid (pg_database.datconnlimit)"),
            .gauge(
                "allow_connections", "d.datallowconn",
                help: "1 if the database may be connected to (pg_database.datallowconn)"),
            .gauge(
                "is_template", "d.datistemplate",
                help: "1 if every role may copy the database (pg_database.datistemplate)"),
            .gauge(
                "valid", "d.datconnlimit <> -2",
                help: "0 if DROP DATABASE was cut short, which only DROP DATABASE ends (pg_database.datconnlimit is -2)"
            ),
            .counter(
                "xact_commit_total", "s.xact_commit",
                help: "Transactions committed (pg_stat_database.xact_commit)"),
            .counter(
                "xact_rollback_total", "s.xact_rollback",
                help: "Transactions rolled back (pg_stat_database.xact_rollback)"),
            .counter(
                "blks_read_total", "s.blks_read",
                help: "Blocks that were not in shared buffers (pg_stat_database.blks_read)"),
            .counter(
                "blks_hit_total", "s.blks_hit",
                help: "Blocks that were found in shared buffers (pg_stat_database.blks_hit)"),
            .counter(
                "tup_returned_total", "s.tup_returned",
                help: "Live rows that scans returned, index entries included (pg_stat_database.tup_returned)"),
            .counter(
                "tup_fetched_total", "s.tup_fetched",
                help: "Live rows fetched by index scans (pg_stat_database.tup_fetched)"),
            .counter("tup_inserted_total", "s.tup_inserted", help: "Rows inserted (pg_stat_database.tup_inserted)"),
            .counter("tup_updated_total", "s.tup_updated", help: "Rows updated (pg_stat_database.tup_updated)"),
            .counter("tup_deleted_total", "s.tup_deleted", help: "Rows deleted (pg_stat_database.tup_deleted)"),
            .counter(
                "conflicts_total", "s.conflicts",
                help: "Queries cancelled on a standby for conflicts with recovery (pg_stat_database.conflicts)"),
            .counter(
                "temp_files_total", "s.temp_files",
                help: "Temporary files that queries wrote (pg_stat_database.temp_files)"),
            .counter(
                "temp_bytes_total", "s.temp_bytes", in: .bytes,
                help: "Bytes that queries wrote to temporary files (pg_stat_database.temp_bytes)"),
            .counter("deadlocks_total", "s.deadlocks", help: "Deadlocks found (pg_stat_database.deadlocks)"),
            .counter(
                "checksum_failures_total", "s.checksum_failures",
                help: "Pages whose checksum was wrong; absent without checksums (pg_stat_database.checksum_failures)"),
            .gauge(
                "checksum_last_failure_timestamp_seconds", "s.checksum_last_failure", in: .timestamp,
                help: "When a checksum was last wrong (pg_stat_database.checksum_last_failure)"),
            .counter(
                "blk_read_time_seconds_total", "s.blk_read_time", in: .milliseconds,
                help: "Time reading data files; 0 without track_io_timing (pg_stat_database.blk_read_time)"),
            .counter(
                "blk_write_time_seconds_total", "s.blk_write_time", in: .milliseconds,
                help: "Time writing data files; 0 without track_io_timing (pg_stat_database.blk_write_time)"),
            .counter(
                "session_time_seconds_total", [14: "s.session_time"], in: .milliseconds,
                help: "Time that sessions lasted, counted as their state changes (pg_stat_database.session_time)"),
            .counter(
                "active_time_seconds_total", [14: "s.active_time"], in: .milliseconds,
                help: "Time that sessions spent in statements (pg_stat_database.active_time)"),
            .counter(
                "idle_in_transaction_time_seconds_total", [14: "s.idle_in_transaction_time"], in: .milliseconds,
                help: "Time that sessions idled in transactions (pg_stat_database.idle_in_transaction_time)"),
            .counter("sessions_total", [14: "s.sessions"], help: "Sessions established (pg_stat_database.sessions)"),
            .counter(
                "sessions_abandoned_total", [14: "s.sessions_abandoned"],
                help: "Sessions that ended since the client was lost (pg_stat_database.sessions_abandoned)"),
            .counter(
                "sessions_fatal_total", [14: "s.sessions_fatal"],
                help: "Sessions ended by fatal errors (pg_stat_database.sessions_fatal)"),
            .counter(
                "sessions_killed_total", [14: "s.sessions_killed"],
                help: "Sessions that an operator ended (pg_stat_database.sessions_killed)"),
            .counter(
                "parallel_workers_to_launch_total", [18: "s.parallel_workers_to_launch"],
                help: "Parallel workers that queries planned (pg_stat_database.parallel_workers_to_launch)"),
            .counter(
                "parallel_workers_launched_total", [18: "s.parallel_workers_launched"],
                help: "Parallel workers that queries got (pg_stat_database.parallel_workers_launched)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_database.stats_reset)"),
        ])
}
