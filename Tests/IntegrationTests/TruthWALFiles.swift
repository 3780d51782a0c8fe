extension TruthCase {
    /// WAL files, their archive and base backups.
    static let walFiles: [TruthCase] =
        [
            .one("pg_wal_directory_segments", "count(*) FROM pg_ls_waldir() WHERE length(name) = 24"),
            .one("pg_wal_directory_bytes", "sum(size) FROM pg_ls_waldir() WHERE length(name) = 24"),
            .one(
                "pg_wal_directory_future_segments",
                "count(*) FROM pg_ls_waldir() WHERE length(name) = 24 AND name > \(currentFile)", onStandby: false),
            .one(
                "pg_wal_directory_oldest_timestamp_seconds",
                """
                extract(epoch FROM min(modification)) FROM pg_ls_waldir()
                WHERE length(name) = 24 AND name <= \(currentFile)
                """, onStandby: false),
            // By the number of files: the oldest begins where the others end.
            .one(
                "pg_wal_directory_retained_bytes",
                """
                (count(*) - 1) * 16777216 + (pg_current_wal_lsn() - '0/0') % 16777216
                FROM pg_ls_waldir() WHERE length(name) = 24 AND name <= \(currentFile)
                """, onStandby: false),
            .one("pg_archiver_enabled", "(NOT pg_is_in_recovery())::int"),
            .one("pg_archiver_failing", "0"),
            .one(
                "pg_archive_status_ready_files",
                "count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"),
            .one(
                "pg_archive_status_ready_bytes",
                "count(*) * 16777216 FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready' AND length(name) = 30"),
            .one(
                "pg_backup_last_finish_timestamp_seconds",
                "extract(epoch FROM max(modification)) FROM pg_ls_waldir() WHERE name LIKE '%.backup'"),
            .one(
                "pg_backup_last_start_lsn_bytes",
                """
                shobj_description(oid, 'pg_database')::pg_lsn - '0/0' FROM pg_database WHERE datname = 'postgres'
                """, onStandby: false),
            .one("pg_backup_exclusive_in_progress", "0", majors: 13...14),
            .one("pg_wal_summarizer_running", "0", majors: 17...99),
        ]

    private static let currentFile = "pg_walfile_name(pg_current_wal_insert_lsn())"
}
