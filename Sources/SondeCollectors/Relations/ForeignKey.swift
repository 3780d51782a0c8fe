package import Sonde

extension Definition {
    /// Foreign keys by table as they were declared: those that partitions inherit are not counted again.
    ///
    /// A key counts as indexed if some whole, valid index begins with its columns, in any order: then a deleted row of the other table finds
    /// its own without reading all. One with a period finds them by GiST too, and one that is not enforced never looks.
    package static let foreignKey = Definition(
        "foreign_key", help: "Foreign keys of tables, and what they lack (pg_constraint)",
        from: """
            pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 AND c.relpersistence <> 't'
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .gauge("constraints", "count(*)", other: .sum, help: "Foreign keys of the table (rows of pg_constraint)"),
            .gauge(
                "unindexed_constraints",
                [
                    13: "count(*) FILTER (WHERE NOT \(indexed("m.amname IN ('btree', 'hash')")))",
                    18: """
                    count(*) FILTER (WHERE k.conenforced
                    AND NOT \(indexed("(m.amname IN ('btree', 'hash') OR k.conperiod AND m.amname = 'gist')")))
                    """,
                ],
                other: .sum,
                help: "Foreign keys whose columns no index begins with (pg_constraint.conkey, pg_index.indkey)"),
            .gauge(
                "mistyped_constraints",
                """
                count(*) FILTER (WHERE EXISTS (
                SELECT FROM unnest(k.conkey, k.confkey) AS u (own, other)
                JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.own
                JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = u.other WHERE a.atttypid <> b.atttypid))
                """,
                other: .sum,
                help: "Foreign keys with a column of another type than the one it refers to (pg_attribute.atttypid)"),
            .gauge(
                "invalid_constraints", "count(*) FILTER (WHERE NOT k.convalidated)",
                other: .sum, help: "Foreign keys that rows from before may break (pg_constraint.convalidated)"),
            .gauge(
                "unenforced_constraints", [18: "count(*) FILTER (WHERE NOT k.conenforced)"],
                other: .sum, help: "Foreign keys that are not checked (pg_constraint.conenforced)"),
        ],
        per: .database, cost: .medium, every: .seconds(300), group: true,
        limit: .relations(by: ["unindexed_constraints", "mistyped_constraints", "invalid_constraints"]))

    /// Whether an index of an access method that serves the key begins with its columns.
    private static func indexed(_ method: String) -> String {
        """
        EXISTS (
        SELECT FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_am AS m ON m.oid = i.relam
        WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL AND \(method)
        AND x.indnkeyatts >= cardinality(k.conkey)
        AND (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
        """
    }
}
