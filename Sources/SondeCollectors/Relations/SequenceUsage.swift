package import Sonde

extension Definition {
    /// How far sequences are from their end.
    ///
    /// The last value is in the sequence itself, which is opened for it, and says nothing before the first `nextval()`: then there is no
    /// sample. A sequence that cycles has no end. A sequence that fills a column may be wider than that column, which then ends first.
    /// Sequences that the role may not read are left out; ``sequence`` says which.
    package static let sequenceUsage = Definition(
        "sequence_usage", help: "How far sequences are from their end (pg_sequences)",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relpersistence <> 't' AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
            AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT,USAGE') ELSE false END
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .gauge(
                "last_value", "pg_sequence_last_value(c.oid)",
                help: "Last value that was handed out or cached; absent before the first (pg_sequences.last_value)"),
            .gauge(
                "remaining_values",
                sequence(
                    """
                    CASE WHEN q.up THEN div(q.top - q.value, q.step) ELSE div(q.value - q.bottom, q.step) END
                    """),
                other: .min,
                help: "Values that are left; absent if it cycles (pg_sequences.last_value, max_value, min_value)"),
            .gauge(
                "used_ratio",
                sequence(
                    """
                    CASE WHEN q.up THEN 1 - div(q.top - q.value, q.step) / (div(q.top - q.bottom, q.step) + 1)
                    ELSE 1 - div(q.value - q.bottom, q.step) / (div(q.top - q.bottom, q.step) + 1) END
                    """), in: .ratio,
                other: .max,
                help:
                    "Share of its values that is behind it; absent if it cycles (pg_sequences.last_value, max_value, min_value)"
            ),
            .gauge(
                "column_used_ratio",
                """
                (SELECT max(CASE WHEN s.seqincrement > 0 THEN l.value ELSE -1 - l.value END
                / CASE a.atttypid WHEN 'int2'::regtype THEN 32767.0 WHEN 'int4'::regtype THEN 2147483647.0
                ELSE 9223372036854775807.0 END)
                FROM pg_sequence s, LATERAL (SELECT pg_sequence_last_value(s.seqrelid::regclass)::numeric AS value) l,
                pg_depend d, pg_attribute a
                WHERE s.seqrelid = c.oid AND d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
                AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND a.attrelid = d.refobjid
                AND a.attnum = d.refobjsubid AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                AND CASE WHEN s.seqincrement > 0 THEN l.value >= 0 ELSE l.value < 0 END)
                """, in: .ratio,
                other: .max,
                help: "Share of what the column that owns it can hold (pg_sequences.last_value, pg_attribute.atttypid)"),
        ],
        per: .database, requires: .init(privileges: ["SELECT ON ALL SEQUENCES"]), cost: .heavy, each: true,
        limit: .relations(by: ["used_ratio", "column_used_ratio"]))

    /// An expression over a sequence that ends, as numbers that do not overflow.
    private static func sequence(_ expression: String) -> SQL {
        SQL(
            """
            (SELECT \(expression)
            FROM (SELECT s.seqincrement > 0 AS up, abs(s.seqincrement::numeric) AS step, s.seqmax::numeric AS top,
            s.seqmin::numeric AS bottom, pg_sequence_last_value(s.seqrelid::regclass)::numeric AS value
            FROM pg_sequence s WHERE s.seqrelid = c.oid AND NOT s.seqcycle) q)
            """)
    }
}
