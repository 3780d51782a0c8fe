package import Sonde

extension Definition {
    /// How far each database is from the wraparound of its counters; templates count, since they hold up the whole server.
    package static let wraparound = Definition(
        "wraparound", help: "Ages of the oldest identifiers that databases may hold (pg_database)",
        from: "pg_database AS d",
        columns: [
            .label("datname", "d.datname"),
            .gauge(
                "datfrozenxid_age", "age(d.datfrozenxid)",
                help: "Transactions since the oldest unfrozen; writes end near 2^31 (pg_database.datfrozenxid)"),
            .gauge(
                "datminmxid_age", "mxid_age(d.datminmxid)",
                help: "Multixacts since the oldest in use; writes end near 2^31 (pg_database.datminmxid)"),
        ])
}
