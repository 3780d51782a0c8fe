package import Sonde

extension Definition {
    /// The indexes that another one makes needless, by name and with what dropping them would give back.
    package static let indexRedundant = Definition(
        "index_redundant", help: "Indexes that another index of the table makes needless (pg_index)",
        from: SQL(
            """
            pg_class AS c JOIN pg_index AS x ON x.indexrelid = c.oid
            JOIN pg_class AS t ON t.oid = x.indrelid AND t.relkind IN ('r', 'm') AND t.relpersistence <> 't'
            JOIN pg_namespace AS n ON n.oid = t.relnamespace
            JOIN (\(IndexCover.sql)) AS v ON v.indexrelid = c.oid
            JOIN pg_class AS o ON o.oid = v.by
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
            """),
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "t.relname"),
            .label("indexrelname", "c.relname"),
            .label("covered_by", "o.relname"),
            .gauge(
                "bytes", "pg_relation_size(c.oid)", in: .bytes,
                other: .sum, help: "Space of an index whose work the one in covered_by does too (pg_relation_size())"),
        ],
        per: .database, cost: .heavy, each: true, limit: .relations(by: ["bytes"]))
}
