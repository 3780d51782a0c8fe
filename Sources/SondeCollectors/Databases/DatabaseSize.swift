package import Sonde

extension Definition {
    /// `pg_database_size()`, which looks at every file of a database.
    ///
    /// It runs in each database for itself, so that each has a deadline and a failure of its own, and one that was dropped takes only its
    /// own series with it. The sizes of databases that cannot be connected to, templates among them, are in ``tablespaceSize`` only.
    package static let databaseSize = Definition(
        "database_size", help: "Sizes of the databases that are visited (pg_database_size())",
        from: "pg_database AS d WHERE d.datname = current_database()",
        columns: [
            .gauge(
                "bytes", "pg_database_size(d.oid)", in: .bytes,
                help: "Disk space of a database that is visited; others are in that of tablespaces (pg_database_size())"
            )
        ],
        per: .database, cost: .heavy)
}
