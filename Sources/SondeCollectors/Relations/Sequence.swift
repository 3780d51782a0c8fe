package import Sonde

extension Definition {
    /// `pg_statio_user_sequences`, in every database.
    package static let sequence = Definition(
        "sequence", help: "Reads of sequences (pg_statio_user_sequences)",
        from: """
            pg_statio_user_sequences AS s JOIN pg_class AS c ON c.oid = s.relid AND c.relpersistence <> 't'
            """,
        columns: [
            .label("schemaname", "s.schemaname"),
            .label("relname", "s.relname"),
            .counter(
                "blks_read_total", "s.blks_read",
                help: "Blocks not found in shared buffers (pg_statio_user_sequences.blks_read)"),
            .counter(
                "blks_hit_total", "s.blks_hit",
                help: "Blocks found in shared buffers (pg_statio_user_sequences.blks_hit)"),
            .gauge(
                "readable", "has_sequence_privilege(s.relid, 'SELECT, USAGE')",
                other: .min,
                help: "0 if the role may not see how far it is, as sequence_usage would show (pg_class.relacl)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_statio_user_sequences.stats_reset)"),
        ],
        per: .database, cost: .medium,
        limit: .relations(by: ["blks_hit_total", "blks_read_total"], since: [19: "s.stats_reset"]))
}
