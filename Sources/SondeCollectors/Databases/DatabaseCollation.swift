package import Sonde

extension Definition {
    /// Whether the operating system still sorts as it did when a database was made; if not, its indexes on text may be wrong.
    package static let databaseCollation = Definition(
        "database_collation", help: "Versions of the collations that databases sort by (pg_database.datcollversion)",
        from: [15: "pg_database AS d WHERE d.datcollversion IS NOT NULL"],
        columns: [
            .label("datname", "d.datname"),
            .gauge(
                "version_mismatch",
                [15: "d.datcollversion IS DISTINCT FROM pg_database_collation_actual_version(d.oid)"],
                help: "1 if the collation's version changed, so that indexes must be rebuilt "
                    + "(pg_database_collation_actual_version())"),
        ], cost: .medium)
}
