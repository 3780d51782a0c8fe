package import Sonde

extension Definition {
    /// How many relations of each kind a database has, TOAST tables and those of running sessions included.
    package static let relation = Definition(
        "relation", help: "Relations of users by kind (pg_class)",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.oid >= 16384
            """,
        columns: [
            .label("relkind", "c.relkind"),
            .label("relpersistence", "c.relpersistence"),
            .gauge("relations", "count(*)", help: "Relations of this kind and persistence (rows of pg_class)"),
        ],
        per: .database, cost: .medium, every: .seconds(300), group: true)
}
