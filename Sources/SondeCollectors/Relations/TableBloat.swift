package import Sonde

extension Definition {
    /// How much of a table `VACUUM FULL` would give back, from what `ANALYZE` found and nothing else: no page of the table is read.
    ///
    /// Rows and pages are those of the last vacuum or analyze, so that they fit together. The row's length is its header, the columns'
    /// average widths and, between them, the average loss to alignment. A table is left out while one of its columns has no statistics.
    ///
    /// Who may read all data may read these statistics; to other roles they are granted: the view `pg_stats` shows each role only
    /// what it may read of each table, and a part of the columns gives a wrong length.
    package static let tableBloat = Definition(
        "table_bloat", help: "Free and dead space in tables, estimated from statistics (pg_statistic)",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            JOIN (
            SELECT starelid, count(*) AS columns, sum((1 - stanullfrac) * stawidth) AS width,
            bool_or(stanullfrac > 0) AS has_nulls FROM pg_statistic WHERE NOT stainherit GROUP BY 1
            ) AS s ON s.starelid = c.oid
            JOIN (
            SELECT attrelid, count(*) AS columns, sum(CASE WHEN before IS NULL OR align = 1 THEN 0
            WHEN before_length < 0 THEN (align - 1) / 2.0 ELSE greatest(align - before, 0) / 2.0 END) AS padding
            FROM (
            SELECT attrelid, align, lag(align) OVER w AS before, lag(attlen) OVER w AS before_length
            FROM (
            SELECT attrelid, attnum, attlen, CASE WHEN attlen < 0 THEN 1 WHEN attalign = 'd' THEN 8 WHEN attalign = 'i' THEN 4
            WHEN attalign = 's' THEN 2 ELSE 1 END AS align
            FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
            ) AS b WINDOW w AS (PARTITION BY attrelid ORDER BY attnum)
            ) AS p GROUP BY 1
            ) AS a ON a.attrelid = c.oid AND a.columns = s.columns
            CROSS JOIN LATERAL (
            SELECT current_setting('block_size')::int AS block,
            coalesce(max(option_value) FILTER (WHERE option_name = 'fillfactor'), '100')::int AS fillfactor
            FROM pg_options_to_table(c.reloptions)
            ) AS o
            CROSS JOIN LATERAL (
            SELECT 4 + 8 * ceil((CASE WHEN s.has_nulls THEN 8 * ceil((23 + (c.relnatts + 7) / 8) / 8.0) ELSE 24 END
            + s.width + a.padding) / 8.0) AS length
            ) AS t
            CROSS JOIN LATERAL (
            SELECT greatest(c.relpages
            - ceil(c.reltuples / greatest(floor((o.block * o.fillfactor / 100 - 24) / t.length), 1)), 0) AS pages
            ) AS e
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relpages > 0 AND c.reltuples >= 0
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .label("method", "'statistics'"),
            .gauge(
                "bytes", "e.pages * o.block", in: .bytes,
                other: .sum,
                help:
                    "Space that VACUUM FULL would give back, as of the last analyze (pg_statistic.stawidth, pg_class.relpages)"
            ),
            .gauge(
                "ratio", "e.pages / c.relpages", in: .ratio,
                other: .max, help: "Share of the table that this is (pg_statistic.stawidth, pg_class.relpages)"),
        ],
        per: .database, requires: .init(privileges: ["SELECT ON pg_statistic"]), cost: .heavy, every: .seconds(3_600),
        limit: .relations(by: ["bytes"]), enabled: false)
}
