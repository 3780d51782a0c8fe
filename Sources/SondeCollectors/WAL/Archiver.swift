package import Sonde

extension Definition {
    /// `pg_stat_archiver`: what was archived and what failed.
    ///
    /// What never happened has no time: an archive that never worked is enabled, has files waiting (``archiveStatus``) and has no
    /// `last_archived_timestamp_seconds`; it is failing once it was tried.
    package static let archiver = Definition(
        "archiver", help: "Archiving of WAL files (pg_stat_archiver)",
        from: "pg_stat_archiver AS s",
        columns: [
            .gauge(
                "enabled", SQL(enabled),
                help:
                    "1 if WAL files are to be archived by this server (archive_mode, archive_command, archive_library)"
            ),
            .gauge(
                "failing", "coalesce(s.last_failed_time > coalesce(s.last_archived_time, '-infinity'), false)",
                help: "1 if a file has failed since one was last archived, or if all failed (pg_stat_archiver)"),
            .counter(
                "archived_count_total", "s.archived_count",
                help: "Files archived (pg_stat_archiver.archived_count)"),
            .counter(
                "failed_count_total", "s.failed_count", help: "Attempts that failed (pg_stat_archiver.failed_count)"),
            .gauge(
                "last_archived_timestamp_seconds", "s.last_archived_time", in: .timestamp,
                help: "When a file was last archived (pg_stat_archiver.last_archived_time)"),
            .gauge(
                "last_failed_timestamp_seconds", "s.last_failed_time", in: .timestamp,
                help: "When an attempt last failed (pg_stat_archiver.last_failed_time)"),
            .gauge(
                "last_archived_wal_bytes", SQL(end(of: "s.last_archived_wal")), in: .bytes,
                help: "WAL position at which the last archived file ends (pg_stat_archiver.last_archived_wal)"),
            .gauge(
                "last_failed_wal_bytes", SQL(end(of: "s.last_failed_wal")), in: .bytes,
                help: "WAL position at which the last file that failed ends (pg_stat_archiver.last_failed_wal)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_archiver.stats_reset)"),
        ])

    /// Whether this server archives: a standby does so only where `archive_mode` is `always`.
    private static let enabled = """
        CASE current_setting('archive_mode') WHEN 'always' THEN true WHEN 'on' THEN NOT pg_is_in_recovery()
        ELSE false END AND (current_setting('archive_command') NOT IN ('', '(disabled)')
        OR coalesce(current_setting('archive_library', true), '') <> '')
        """

    /// The position at which a WAL file ends, by its name.
    ///
    /// Names of history and backup files, which are archived too, have no position.
    private static func end(of name: String) -> String {
        """
        CASE WHEN \(name) ~ '^[0-9A-F]{24}(\\.partial)?$' THEN \(WALFile.start(of: name)) + \(WALFile.size) END
        """
    }
}
