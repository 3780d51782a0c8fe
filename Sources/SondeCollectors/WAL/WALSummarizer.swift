package import Sonde

extension Definition {
    /// `pg_get_wal_summarizer_state()`, which exists since 17: incremental backups need what it writes.
    package static let walSummarizer = Definition(
        "wal_summarizer", help: "Summaries of WAL for incremental backups (pg_get_wal_summarizer_state())",
        from: [17: "pg_get_wal_summarizer_state() AS s CROSS JOIN \(WALFile.ownPosition) AS w"],
        columns: [
            .gauge(
                "running", "s.summarizer_pid IS NOT NULL",
                help: "1 while the WAL summarizer runs (pg_get_wal_summarizer_state().summarizer_pid)"),
            .gauge(
                "summarized_lsn_bytes", "nullif(s.summarized_lsn, '0/0')", in: .bytes,
                help: "Position up to which summaries are on disk (pg_get_wal_summarizer_state().summarized_lsn)"),
            .gauge(
                "pending_lsn_bytes", "nullif(s.pending_lsn, '0/0')", in: .bytes,
                help: "Position up to which WAL was read for the next one (pg_get_wal_summarizer_state().pending_lsn)"),
            .gauge(
                "lag_bytes", "greatest(w.lsn, s.summarized_lsn) - nullif(s.summarized_lsn, '0/0')", in: .bytes,
                help: "WAL that is not summarized yet (pg_get_wal_summarizer_state().summarized_lsn)"),
        ])
}
