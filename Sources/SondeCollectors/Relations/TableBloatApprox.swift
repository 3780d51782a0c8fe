package import Sonde

extension Definition {
    /// What `pgstattuple_approx()` finds in the tables that the user names: it reads every page that is not all-visible.
    ///
    /// The tables are named in the setting `pgsonde.approx_tables` of the monitoring role, by
    /// `ALTER ROLE … [IN DATABASE …] SET pgsonde.approx_tables = 'public.orders, public."Log"'`, or in the FROM of a copy of this
    /// definition. Each is read once: the first column leaves what it found in a setting, with the table's identifier so that no other
    /// table's numbers can be taken for it, and the other columns take it from there.
    package static let tableBloatApprox = Definition(
        "table_bloat_approx",
        help: "Free and dead space in the tables named in pgsonde.approx_tables (pgstattuple_approx())",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND format('%I.%I', n.nspname, c.relname)
            = ANY (regexp_split_to_array(trim(current_setting('pgsonde.approx_tables', true)), '\\s*,\\s*'))
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .label("method", "'pgstattuple_approx'"),
            .gauge(
                "table_bytes",
                """
                (SELECT a.table_len FROM (SELECT p.table_len, set_config('pgsonde.approx', array_to_string(ARRAY[
                c.oid::bigint, p.scanned_percent, p.approx_tuple_count, p.approx_tuple_len, p.dead_tuple_count,
                p.dead_tuple_len, p.approx_free_space], ' '), true) AS kept FROM {schema}.pgstattuple_approx(c.oid) p) a
                WHERE a.kept <> '')
                """, in: .bytes,
                help: "The rows and the space between them, without TOAST (pgstattuple_approx().table_len)"),
            .gauge(
                "scanned_ratio", kept(2), in: .percent,
                help:
                    "Share of the pages that were read, the rest being all-visible (pgstattuple_approx().scanned_percent)"
            ),
            .gauge(
                "live_tuples", kept(3), help: "Live rows, estimated (pgstattuple_approx().approx_tuple_count)"),
            .gauge(
                "live_bytes", kept(4), in: .bytes,
                help: "Live rows, estimated (pgstattuple_approx().approx_tuple_len)"),
            .gauge("dead_tuples", kept(5), help: "Dead rows (pgstattuple_approx().dead_tuple_count)"),
            .gauge("dead_bytes", kept(6), in: .bytes, help: "Dead rows (pgstattuple_approx().dead_tuple_len)"),
            .gauge(
                "free_bytes", kept(7), in: .bytes,
                help:
                    "Free space, from the map of it where pages were not read (pgstattuple_approx().approx_free_space)"),
        ],
        per: .database, axis: .extension("pgstattuple"), requires: .init(roles: ["pg_stat_scan_tables"]), cost: .heavy,
        every: .seconds(3_600), timeout: .seconds(60), each: true, enabled: false)

    /// The number at a place in what the first column left, if it left it for this table.
    private static func kept(_ place: Int) -> SQL {
        SQL(
            "(SELECT (k.found)[\(place)]::numeric FROM (SELECT string_to_array("
                + "current_setting('pgsonde.approx', true), ' ') AS found) k WHERE (k.found)[1] = c.oid::text)")
    }
}
