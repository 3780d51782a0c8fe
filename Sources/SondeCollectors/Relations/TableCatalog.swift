package import Sonde

extension Definition {
    /// `pg_class` and the storage parameters of tables: what kind of table it is, how large it was found to be, what autovacuum waits for.
    ///
    /// The thresholds are computed as autovacuum does; they exist nowhere in the server to be read. Whether a table has a key decides
    /// whether logical replication can find its rows.
    package static let tableCatalog = Definition(
        "table_catalog", help: "What the catalogue says of tables (pg_class)",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            LEFT JOIN pg_am AS m ON m.oid = c.relam LEFT JOIN pg_tablespace AS p ON p.oid = c.reltablespace
            LEFT JOIN (
            SELECT indrelid, count(*) FILTER (WHERE indisprimary) AS keys,
            count(*) FILTER (WHERE indisunique AND indisvalid AND indpred IS NULL) AS uniques FROM pg_index GROUP BY 1
            ) AS x ON x.indrelid = c.oid
            CROSS JOIN LATERAL (
            SELECT max(option_value) FILTER (WHERE option_name = 'fillfactor') AS fillfactor,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_enabled') AS autovacuum_enabled,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_threshold') AS vacuum_base,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_scale_factor') AS vacuum_scale,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_max_threshold') AS vacuum_most,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_insert_threshold') AS insert_base,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_insert_scale_factor') AS insert_scale,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_threshold') AS analyze_base,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_scale_factor') AS analyze_scale,
            max(option_value) FILTER (WHERE option_name = 'autovacuum_freeze_max_age') AS freeze_max_age
            FROM pg_options_to_table(c.reloptions)
            ) AS o
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
            AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .info("relkind", "c.relkind"),
            .info("relpersistence", "c.relpersistence"),
            .info("amname", "m.amname"),
            .info("spcname", "p.spcname"),
            .gauge(
                "unlogged", "c.relpersistence = 'u'",
                other: .max, help: "1 if a crash empties it, and standbys do not have it (pg_class.relpersistence)"),
            .gauge(
                "reltuples",
                // Zero on an empty file was the sign of what nobody has counted, before there was one.
                [
                    13: "CASE WHEN c.relpages > 0 OR c.reltuples > 0 THEN c.reltuples END",
                    14: "nullif(c.reltuples, -1)",
                ],
                other: .sum,
                help: "Live rows at the last vacuum or analyze; absent before the first (pg_class.reltuples)"),
            .gauge(
                "relpages", "c.relpages",
                other: .sum, help: "Pages at the last vacuum or analyze, 0 before the first (pg_class.relpages)"),
            .gauge(
                "relallvisible", "c.relallvisible",
                other: .sum,
                help: "Pages that index-only scans need not read, at the last vacuum (pg_class.relallvisible)"),
            .gauge(
                "relallfrozen", [18: "c.relallfrozen"],
                other: .sum, help: "Pages that no vacuum need freeze, at the last vacuum (pg_class.relallfrozen)"),
            .gauge(
                "relnatts", "c.relnatts",
                other: .max, help: "Columns, dropped ones included; the most is 1600 (pg_class.relnatts)"),
            .gauge(
                "primary_key", "coalesce(x.keys, 0)", help: "1 if it has a primary key (pg_index.indisprimary)"),
            .gauge(
                "unique_indexes", "coalesce(x.uniques, 0)",
                help: "Unique indexes over all rows, a primary key's included (pg_index.indisunique)"),
            .gauge(
                "fillfactor_ratio", "coalesce(o.fillfactor::int, 100)", in: .percent,
                help: "Share of a page that inserts fill (pg_class.reloptions)"),
            .gauge(
                "autovacuum_enabled",
                "current_setting('autovacuum')::bool AND coalesce(o.autovacuum_enabled::bool, true)",
                other: .min, help: "0 if autovacuum comes only to prevent wraparound (pg_class.reloptions)"),
            .gauge(
                "vacuum_threshold",
                [
                    13: vacuumThreshold,
                    18: """
                    CASE WHEN coalesce(o.vacuum_most, current_setting('autovacuum_vacuum_max_threshold'))::float8 < 0
                    THEN \(vacuumThreshold) ELSE least(\(vacuumThreshold),
                    coalesce(o.vacuum_most, current_setting('autovacuum_vacuum_max_threshold'))::float8) END
                    """,
                ],
                help: "Dead rows above which autovacuum vacuums it (pg_class.reloptions)"),
            .gauge(
                "insert_vacuum_threshold",
                [
                    13: insertThreshold(share: "1"),
                    18: insertThreshold(
                        share: "CASE WHEN c.relpages > 0 AND c.relallfrozen > 0 "
                            + "THEN 1 - least(c.relallfrozen, c.relpages) / c.relpages::float8 ELSE 1 END"),
                ],
                help: "Inserted rows above which autovacuum vacuums it; absent if it does not (pg_class.reloptions)"),
            .gauge(
                "analyze_threshold",
                """
                coalesce(o.analyze_base, current_setting('autovacuum_analyze_threshold'))::float8 + greatest(c.reltuples, 0)
                * coalesce(o.analyze_scale, current_setting('autovacuum_analyze_scale_factor'))::float8
                """,
                help: "Changed rows above which autovacuum analyzes it (pg_class.reloptions)"),
            .gauge(
                "freeze_max_age",
                """
                CASE WHEN c.relfrozenxid <> '0'::xid THEN
                least(o.freeze_max_age::int, current_setting('autovacuum_freeze_max_age')::int) END
                """,
                help: "Age in transactions at which autovacuum comes to prevent wraparound (pg_class.reloptions)"),
        ],
        per: .database, cost: .medium, every: .seconds(300), limit: .relations(by: ["relpages"]))

    private static let vacuumThreshold = """
        (coalesce(o.vacuum_base, current_setting('autovacuum_vacuum_threshold'))::float8 + greatest(c.reltuples, 0)
        * coalesce(o.vacuum_scale, current_setting('autovacuum_vacuum_scale_factor'))::float8)
        """

    /// The threshold of inserts, of which the scaled part counts a share of the rows.
    private static func insertThreshold(share: String) -> String {
        """
        CASE WHEN coalesce(o.insert_base, current_setting('autovacuum_vacuum_insert_threshold'))::float8 >= 0
        THEN coalesce(o.insert_base, current_setting('autovacuum_vacuum_insert_threshold'))::float8 + greatest(c.reltuples, 0)
        * coalesce(o.insert_scale, current_setting('autovacuum_vacuum_insert_scale_factor'))::float8 * \(share) END
        """
    }
}
