package import Sonde

extension Definition {
    /// `pg_stat_autovacuum_scores`, in every database: what autovacuum would do next; computed over all tables at each look.
    package static let autovacuumScore = Definition(
        "autovacuum_score", help: "How much autovacuum wants to do with tables (pg_stat_autovacuum_scores)",
        from: [
            19: """
            pg_stat_autovacuum_scores AS s JOIN pg_class AS c ON c.oid = s.relid AND c.relpersistence <> 't'
            WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema') AND s.schemaname !~ '^pg_toast'
            """
        ],
        columns: [
            .label("schemaname", "s.schemaname"),
            .label("relname", "s.relname"),
            .gauge(
                "score", "s.score", other: .max,
                help: "The highest of the scores; it is the order (pg_stat_autovacuum_scores.score)"
            ),
            .gauge(
                "xid", "s.xid_score", other: .max,
                help: "Score by age in transactions (pg_stat_autovacuum_scores.xid_score)"),
            .gauge(
                "mxid", "s.mxid_score", other: .max,
                help: "Score by age in multixacts (pg_stat_autovacuum_scores.mxid_score)"),
            .gauge(
                "vacuum", "s.vacuum_score", other: .max,
                help: "Score by dead rows (pg_stat_autovacuum_scores.vacuum_score)"),
            .gauge(
                "vacuum_insert", "s.vacuum_insert_score",
                other: .max, help: "Score by inserted rows (pg_stat_autovacuum_scores.vacuum_insert_score)"),
            .gauge(
                "analyze", "s.analyze_score", other: .max,
                help: "Score by changed rows (pg_stat_autovacuum_scores.analyze_score)"),
            .gauge(
                "do_vacuum", "s.do_vacuum", other: .max,
                help: "1 if it is to be vacuumed (pg_stat_autovacuum_scores.do_vacuum)"),
            .gauge(
                "do_analyze", "s.do_analyze", other: .max,
                help: "1 if it is to be analyzed (pg_stat_autovacuum_scores.do_analyze)"),
            .gauge(
                "for_wraparound", "s.for_wraparound",
                other: .max,
                help: "1 if it is vacuumed to prevent wraparound (pg_stat_autovacuum_scores.for_wraparound)"),
        ],
        per: .database, cost: .heavy, every: .seconds(300), limit: .relations(by: ["score"]))
}
