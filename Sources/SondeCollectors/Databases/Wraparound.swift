package import Sonde

extension Definition {
    /// How far each database is from the wraparound of its counters; templates count, since they hold up the whole server.
    ///
    /// Writes end some three million before the age of 2^31. An autovacuum that nothing can cancel begins much earlier, at the ages of
    /// `autovacuum_freeze_max_age` and `autovacuum_multixact_freeze_max_age`; that it falls behind these is the first sign of trouble.
    package static let wraparound = Definition(
        "wraparound", help: "Ages of the oldest identifiers that databases may hold (pg_database)",
        from: "pg_database AS d",
        columns: [
            .label("datname", "d.datname"),
            .gauge(
                "datfrozenxid_age", "age(d.datfrozenxid)",
                help: "Transactions since the oldest unfrozen; writes end near 2^31 (pg_database.datfrozenxid)"),
            .gauge(
                "datfrozenxid_remaining_ratio", "1 - age(d.datfrozenxid) / 2147483648::double precision", in: .ratio,
                help: "Share of the 2^31 transaction IDs that is left before wraparound (pg_database.datfrozenxid)"),
            .gauge(
                "datfrozenxid_autovacuum_remaining_ratio",
                """
                greatest(1 - age(d.datfrozenxid)::double precision / current_setting('autovacuum_freeze_max_age')::integer, 0)
                """,
                in: .ratio,
                help: "Share of autovacuum_freeze_max_age that is left before vacuum is forced "
                    + "(pg_database.datfrozenxid)"),
            .gauge(
                "datminmxid_age", "mxid_age(d.datminmxid)",
                help: "Multixacts since the oldest in use; writes end near 2^31 (pg_database.datminmxid)"),
            .gauge(
                "datminmxid_remaining_ratio", "1 - mxid_age(d.datminmxid) / 2147483648::double precision", in: .ratio,
                help: "Share of the 2^31 multixact IDs that is left before wraparound (pg_database.datminmxid)"),
            .gauge(
                "datminmxid_autovacuum_remaining_ratio",
                """
                greatest(1 - mxid_age(d.datminmxid)::double precision
                / current_setting('autovacuum_multixact_freeze_max_age')::integer, 0)
                """,
                in: .ratio,
                help: "Share of autovacuum_multixact_freeze_max_age that is left before vacuum is forced "
                    + "(pg_database.datminmxid)"),
        ])
}
