package import Sonde

extension Definition {
    /// `pg_stat_statements_info`: what became of the statements that had no room.
    package static let statementStore = Definition(
        "statement_store", help: "The store of statements (pg_stat_statements_info)",
        from: ["1.9": "{schema}.pg_stat_statements_info AS i"],
        columns: [
            .counter(
                "dealloc_total", ["1.9": "i.dealloc"],
                help: """
                    Times the least used statements were forgotten since there were more than \
                    pg_stat_statements.max (pg_stat_statements_info.dealloc)
                    """),
            .gauge(
                "stats_reset_timestamp_seconds", ["1.9": "i.stats_reset"], in: .timestamp,
                help: "When all statements were last reset (pg_stat_statements_info.stats_reset)"),
        ],
        per: .anywhere, axis: .extension("pg_stat_statements"),
        requires: .init(settings: loaded.settings), enabled: false)
}
