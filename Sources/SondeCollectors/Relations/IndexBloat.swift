package import Sonde

extension Definition {
    /// How much of a B-tree `REINDEX` would give back, from what `ANALYZE` found and nothing else: no page of the index is read.
    ///
    /// An entry is its header, the columns' average widths and the average loss to alignment. Of an index over one column that is not
    /// unique, equal entries share one key, as the server stores them; of several columns it is not known how often they are equal, so
    /// the estimate of such an index is too low where they often are. As to rights, see ``tableBloat``.
    package static let indexBloat = Definition(
        "index_bloat", help: "Free space in B-trees, estimated from statistics (pg_statistic)",
        from: """
            (WITH keys AS (
            SELECT x.indexrelid, x.indrelid, x.indnatts, x.indisunique, x.indclass[0] AS opclass, k.place,
            CASE k.attnum WHEN 0 THEN x.indexrelid ELSE x.indrelid END AS relid,
            CASE k.attnum WHEN 0 THEN k.place ELSE k.attnum END AS attnum
            FROM pg_index AS x CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
            WHERE x.indisvalid
            ), columns AS (
            SELECT k.indexrelid, k.indrelid, k.indnatts, k.indisunique, k.opclass, k.place,
            s.stanullfrac AS null_frac, s.stawidth AS avg_width, s.stadistinct AS n_distinct, a.attlen, CASE WHEN a.attlen < 0 THEN 1 WHEN a.attalign = 'd' THEN 8 WHEN a.attalign = 'i' THEN 4
            WHEN a.attalign = 's' THEN 2 ELSE 1 END AS align
            FROM keys AS k JOIN pg_attribute AS a ON a.attrelid = k.relid AND a.attnum = k.attnum
            JOIN pg_statistic AS s ON s.starelid = k.relid AND s.staattnum = k.attnum AND NOT s.stainherit
            ), padded AS (
            SELECT indexrelid, indrelid, indnatts, indisunique, opclass, null_frac, avg_width, n_distinct,
            CASE WHEN align = 1 OR place = 1 THEN 0 WHEN lag(attlen) OVER w < 0 THEN (align - 1) / 2.0
            ELSE greatest(align - lag(align) OVER w, 0) / 2.0 END AS padding
            FROM columns WINDOW w AS (PARTITION BY indexrelid ORDER BY place)
            )
            SELECT indexrelid, indrelid, indisunique, indnatts, opclass, max(null_frac) AS null_frac,
            max(n_distinct) AS n_distinct,
            4 + 8 * ceil((8 + 8 * max(null_frac) + sum((1 - null_frac) * avg_width + padding)) / 8) AS length
            FROM padded GROUP BY indexrelid, indrelid, indisunique, indnatts, opclass HAVING count(*) = indnatts
            ) AS s
            JOIN pg_class AS c ON c.oid = s.indexrelid JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
            JOIN pg_class AS r ON r.oid = s.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (
            SELECT current_setting('block_size')::int AS block,
            coalesce(max(option_value) FILTER (WHERE option_name = 'fillfactor'), '90')::int AS fillfactor,
            coalesce(max(option_value) FILTER (WHERE option_name = 'deduplicate_items'), 'on')::bool
            AND NOT s.indisunique AND s.indnatts = 1 AND EXISTS (
            SELECT FROM pg_opclass AS q JOIN pg_amproc AS p ON p.amprocfamily = q.opcfamily AND p.amproclefttype = q.opcintype
            WHERE q.oid = s.opclass AND p.amprocnum = 4) AS deduplicates
            FROM pg_options_to_table(c.reloptions)
            ) AS o
            CROSS JOIN LATERAL (
            SELECT CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * greatest(r.reltuples, c.reltuples) ELSE s.n_distinct END
            + CASE WHEN s.null_frac > 0 THEN 1 ELSE 0 END AS keys
            ) AS d
            CROSS JOIN LATERAL (
            SELECT CASE WHEN o.deduplicates AND d.keys > 0
            THEN least(s.length, 6 + s.length / greatest(least(c.reltuples / d.keys, (o.block / 10 - s.length) / 6), 1))
            ELSE s.length END AS entry
            ) AS e
            CROSS JOIN LATERAL (
            SELECT ceil(c.reltuples * e.entry / greatest(o.block * o.fillfactor / 100 - 40 - s.length, s.length)) AS pages
            ) AS l
            CROSS JOIN LATERAL (
            SELECT greatest(c.relpages - 1 - l.pages
            - CASE WHEN l.pages > 1 THEN ceil(l.pages * s.length / (0.7 * o.block)) ELSE 0 END, 0) AS pages
            ) AS b
            WHERE c.relkind = 'i' AND r.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.reltuples >= 0
            AND c.relpages > 1 AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "r.relname"),
            .label("indexrelname", "c.relname"),
            .label("method", "'statistics'"),
            .gauge(
                "bytes", "b.pages * o.block", in: .bytes,
                other: .sum,
                help:
                    "Space that REINDEX would give back, as of the last analyze (pg_statistic.stawidth, pg_class.relpages)"
            ),
            .gauge(
                "ratio", "b.pages / c.relpages", in: .ratio,
                other: .max, help: "Share of the index that this is (pg_statistic.stawidth, pg_class.relpages)"),
        ],
        per: .database, requires: .init(privileges: ["SELECT ON pg_statistic"]), cost: .heavy, every: .seconds(3_600),
        limit: .relations(by: ["bytes"]), enabled: false)
}
