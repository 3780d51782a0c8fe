import Sonde

/// The columns of `pg_stat_statements`, by the extension's version.
enum StatementColumns {
    static let all: [Column] = [labels, calls, blocks, wal, jit, ages].flatMap { $0 }

    private static let labels: [Column] = [
        .label("datname", "coalesce(d.datname::text, s.dbid::text)"),
        .label("usename", "coalesce(r.rolname::text, s.userid::text)"),
        .label("queryid", "s.queryid::text"),
        .label("toplevel", ["1.9": "s.toplevel::text"]),
    ]

    private static let calls: [Column] = [
        .counter("calls_total", "s.calls", help: "Times executed (pg_stat_statements.calls)"),
        .counter("rows_total", "s.rows", help: "Rows retrieved or changed (pg_stat_statements.rows)"),
        .counter(
            "exec_time_seconds_total", ["1.7": "s.total_time", "1.8": "s.total_exec_time"], in: .milliseconds,
            help: "Time spent on execution (pg_stat_statements.total_exec_time)"),
        .gauge(
            "min_exec_time_seconds", ["1.7": "s.min_time", "1.8": "s.min_exec_time"], in: .milliseconds, other: .min,
            help: "Shortest execution (pg_stat_statements.min_exec_time)"),
        .gauge(
            "max_exec_time_seconds", ["1.7": "s.max_time", "1.8": "s.max_exec_time"], in: .milliseconds, other: .max,
            help: "Longest execution (pg_stat_statements.max_exec_time)"),
        .gauge(
            "mean_exec_time_seconds", ["1.7": "s.mean_time", "1.8": "s.mean_exec_time"], in: .milliseconds,
            help: "Mean of all executions since the last reset (pg_stat_statements.mean_exec_time)"),
        .gauge(
            "stddev_exec_time_seconds", ["1.7": "s.stddev_time", "1.8": "s.stddev_exec_time"], in: .milliseconds,
            help: "Standard deviation of the executions' times (pg_stat_statements.stddev_exec_time)"),
        .counter(
            "plans_total", ["1.8": "s.plans"],
            help: "Times planned; 0 without pg_stat_statements.track_planning (pg_stat_statements.plans)"),
        .counter(
            "plan_time_seconds_total", ["1.8": "s.total_plan_time"], in: .milliseconds,
            help: "Time spent on planning (pg_stat_statements.total_plan_time)"),
        .gauge(
            "min_plan_time_seconds", ["1.8": "s.min_plan_time"], in: .milliseconds, other: .min,
            help: "Shortest planning (pg_stat_statements.min_plan_time)"),
        .gauge(
            "max_plan_time_seconds", ["1.8": "s.max_plan_time"], in: .milliseconds, other: .max,
            help: "Longest planning (pg_stat_statements.max_plan_time)"),
        .gauge(
            "mean_plan_time_seconds", ["1.8": "s.mean_plan_time"], in: .milliseconds,
            help: "Mean of all plannings since the last reset (pg_stat_statements.mean_plan_time)"),
        .gauge(
            "stddev_plan_time_seconds", ["1.8": "s.stddev_plan_time"], in: .milliseconds,
            help: "Standard deviation of the plannings' times (pg_stat_statements.stddev_plan_time)"),
        .counter(
            "generic_plan_calls_total", ["1.13": "s.generic_plan_calls"],
            help: "Executions by a generic plan (pg_stat_statements.generic_plan_calls)"),
        .counter(
            "custom_plan_calls_total", ["1.13": "s.custom_plan_calls"],
            help: "Executions by a plan for the values at hand (pg_stat_statements.custom_plan_calls)"),
        .counter(
            "parallel_workers_to_launch_total", ["1.12": "s.parallel_workers_to_launch"],
            help: "Parallel workers planned (pg_stat_statements.parallel_workers_to_launch)"),
        .counter(
            "parallel_workers_launched_total", ["1.12": "s.parallel_workers_launched"],
            help: "Parallel workers had (pg_stat_statements.parallel_workers_launched)"),
    ]

    private static let blocks: [Column] = [
        .counter(
            "shared_blks_hit_total", "s.shared_blks_hit",
            help: "Blocks of tables found in shared buffers (pg_stat_statements.shared_blks_hit)"),
        .counter(
            "shared_blks_read_total", "s.shared_blks_read",
            help: "Blocks of tables not found in shared buffers (pg_stat_statements.shared_blks_read)"),
        .counter(
            "shared_blks_dirtied_total", "s.shared_blks_dirtied",
            help: "Blocks of tables made dirty (pg_stat_statements.shared_blks_dirtied)"),
        .counter(
            "shared_blks_written_total", "s.shared_blks_written",
            help: "Blocks of tables that the statement had to write out (pg_stat_statements.shared_blks_written)"),
        .counter(
            "local_blks_hit_total", "s.local_blks_hit",
            help: "Blocks of temporary tables found in local buffers (pg_stat_statements.local_blks_hit)"),
        .counter(
            "local_blks_read_total", "s.local_blks_read",
            help: "Blocks of temporary tables not found in local buffers (pg_stat_statements.local_blks_read)"),
        .counter(
            "local_blks_dirtied_total", "s.local_blks_dirtied",
            help: "Blocks of temporary tables made dirty (pg_stat_statements.local_blks_dirtied)"),
        .counter(
            "local_blks_written_total", "s.local_blks_written",
            help: "Blocks of temporary tables written out (pg_stat_statements.local_blks_written)"),
        .counter(
            "temp_blks_read_total", "s.temp_blks_read",
            help: "Blocks of sorts and hashes read from temporary files (pg_stat_statements.temp_blks_read)"),
        .counter(
            "temp_blks_written_total", "s.temp_blks_written",
            help: "Blocks of sorts and hashes written to temporary files (pg_stat_statements.temp_blks_written)"),
        .counter(
            "shared_blk_read_time_seconds_total", ["1.7": "s.blk_read_time", "1.11": "s.shared_blk_read_time"],
            in: .milliseconds,
            help: """
                Time reading blocks, until 1.10 local ones too; 0 without track_io_timing \
                (pg_stat_statements.shared_blk_read_time)
                """),
        .counter(
            "shared_blk_write_time_seconds_total", ["1.7": "s.blk_write_time", "1.11": "s.shared_blk_write_time"],
            in: .milliseconds,
            help: """
                Time writing blocks, until 1.10 local ones too; 0 without track_io_timing \
                (pg_stat_statements.shared_blk_write_time)
                """),
        .counter(
            "local_blk_read_time_seconds_total", ["1.11": "s.local_blk_read_time"], in: .milliseconds,
            help: "Time reading blocks of temporary tables (pg_stat_statements.local_blk_read_time)"),
        .counter(
            "local_blk_write_time_seconds_total", ["1.11": "s.local_blk_write_time"], in: .milliseconds,
            help: "Time writing blocks of temporary tables (pg_stat_statements.local_blk_write_time)"),
        .counter(
            "temp_blk_read_time_seconds_total", ["1.10": "s.temp_blk_read_time"], in: .milliseconds,
            help: "Time reading temporary files (pg_stat_statements.temp_blk_read_time)"),
        .counter(
            "temp_blk_write_time_seconds_total", ["1.10": "s.temp_blk_write_time"], in: .milliseconds,
            help: "Time writing temporary files (pg_stat_statements.temp_blk_write_time)"),
    ]

    private static let wal: [Column] = [
        .counter("wal_records_total", ["1.8": "s.wal_records"], help: "WAL records (pg_stat_statements.wal_records)"),
        .counter("wal_fpi_total", ["1.8": "s.wal_fpi"], help: "Full pages in WAL (pg_stat_statements.wal_fpi)"),
        .counter(
            "wal_bytes_total", ["1.8": "s.wal_bytes"], in: .bytes, help: "WAL written (pg_stat_statements.wal_bytes)"),
        .counter(
            "wal_buffers_full_total", ["1.12": "s.wal_buffers_full"],
            help: "Times WAL was written since its buffers were full (pg_stat_statements.wal_buffers_full)"),
    ]

    private static let jit: [Column] = [
        .counter(
            "jit_functions_total", ["1.10": "s.jit_functions"],
            help: "Functions compiled (pg_stat_statements.jit_functions)"),
        .counter(
            "jit_generation_time_seconds_total", ["1.10": "s.jit_generation_time"], in: .milliseconds,
            help: "Time generating code (pg_stat_statements.jit_generation_time)"),
        .counter(
            "jit_inlining_count_total", ["1.10": "s.jit_inlining_count"],
            help: "Times functions were inlined (pg_stat_statements.jit_inlining_count)"),
        .counter(
            "jit_inlining_time_seconds_total", ["1.10": "s.jit_inlining_time"], in: .milliseconds,
            help: "Time inlining functions (pg_stat_statements.jit_inlining_time)"),
        .counter(
            "jit_optimization_count_total", ["1.10": "s.jit_optimization_count"],
            help: "Times code was optimized (pg_stat_statements.jit_optimization_count)"),
        .counter(
            "jit_optimization_time_seconds_total", ["1.10": "s.jit_optimization_time"], in: .milliseconds,
            help: "Time optimizing code (pg_stat_statements.jit_optimization_time)"),
        .counter(
            "jit_emission_count_total", ["1.10": "s.jit_emission_count"],
            help: "Times code was emitted (pg_stat_statements.jit_emission_count)"),
        .counter(
            "jit_emission_time_seconds_total", ["1.10": "s.jit_emission_time"], in: .milliseconds,
            help: "Time emitting code (pg_stat_statements.jit_emission_time)"),
        .counter(
            "jit_deform_count_total", ["1.11": "s.jit_deform_count"],
            help: "Times functions that take rows apart were compiled (pg_stat_statements.jit_deform_count)"),
        .counter(
            "jit_deform_time_seconds_total", ["1.11": "s.jit_deform_time"], in: .milliseconds,
            help: "Time compiling functions that take rows apart (pg_stat_statements.jit_deform_time)"),
    ]

    private static let ages: [Column] = [
        .gauge(
            "stats_since_timestamp_seconds", ["1.11": "s.stats_since"], in: .timestamp, other: .min,
            help: "Since when the statement has been counted (pg_stat_statements.stats_since)"),
        .gauge(
            "minmax_stats_since_timestamp_seconds", ["1.11": "s.minmax_stats_since"], in: .timestamp,
            help: "Since when its shortest and longest times hold (pg_stat_statements.minmax_stats_since)"),
    ]
}
