/// Indexes that another index of the table makes needless.
enum IndexCover {
    /// A query whose rows are `indexrelid`, an index that could be dropped, `by`, one that does its work, and `is_same`, whether the
    /// two have the same columns.
    ///
    /// Of several that do its work, an equal one comes first, then one that is not needless itself.
    ///
    /// An index is covered by a valid one of the same access method, predicate, operator classes, collations and orders that is over the
    /// same columns, or, for B-trees, begins with its columns and has what it includes. An index that belongs to a constraint, or
    /// is a replica identity, is never needless; a unique one only beside its equal. Of two equal ones the younger is needless. Expressions are
    /// compared as the catalogue has them, without the places where their parts stood in the statement.
    static let sql = """
        WITH pairs AS (SELECT a.indexrelid, b.indexrelid AS by, p.is_same
        FROM pg_index AS a JOIN pg_class AS ac ON ac.oid = a.indexrelid
        JOIN pg_index AS b ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid
        JOIN pg_class AS bc ON bc.oid = b.indexrelid AND bc.relam = ac.relam
        JOIN pg_am AS m ON m.oid = ac.relam
        LEFT JOIN (SELECT DISTINCT conindid FROM pg_constraint WHERE conindid <> 0) AS ak ON ak.conindid = a.indexrelid
        LEFT JOIN (SELECT DISTINCT conindid FROM pg_constraint WHERE conindid <> 0) AS bk ON bk.conindid = b.indexrelid
        CROSS JOIN LATERAL (
        SELECT (b.indkey::int2[])[0:a.indnkeyatts - 1] = (a.indkey::int2[])[0:a.indnkeyatts - 1]
        AND (b.indclass::oid[])[0:a.indnkeyatts - 1] = (a.indclass::oid[])[0:a.indnkeyatts - 1]
        AND (b.indcollation::oid[])[0:a.indnkeyatts - 1] = (a.indcollation::oid[])[0:a.indnkeyatts - 1]
        AND (b.indoption::int2[])[0:a.indnkeyatts - 1] = (a.indoption::int2[])[0:a.indnkeyatts - 1]
        AND (a.indkey::int2[])[a.indnkeyatts:a.indnatts - 1] <@ b.indkey::int2[] AS begins,
        a.indnkeyatts = b.indnkeyatts
        AND (b.indkey::int2[])[b.indnkeyatts:b.indnatts - 1] <@ a.indkey::int2[] AS is_same
        ) AS p
        WHERE a.indisvalid AND b.indisvalid AND b.indisready AND ak.conindid IS NULL AND NOT a.indisreplident
        AND p.begins AND (p.is_same OR m.amname = 'btree' AND a.indexprs IS NULL)
        AND (m.amname = 'btree' OR ac.reloptions IS NOT DISTINCT FROM bc.reloptions)
        AND (NOT a.indisunique OR p.is_same AND b.indisunique AND a.indimmediate = b.indimmediate
        AND to_jsonb(a) -> 'indnullsnotdistinct' IS NOT DISTINCT FROM to_jsonb(b) -> 'indnullsnotdistinct')
        AND CASE WHEN a.indpred IS NULL THEN b.indpred IS NULL ELSE regexp_replace(a.indpred::text, ':location -?[0-9]+', '', 'g')
        = regexp_replace(b.indpred::text, ':location -?[0-9]+', '', 'g') END
        AND (NOT p.is_same OR CASE WHEN a.indexprs IS NULL THEN b.indexprs IS NULL
        ELSE regexp_replace(a.indexprs::text, ':location -?[0-9]+', '', 'g')
        = regexp_replace(b.indexprs::text, ':location -?[0-9]+', '', 'g') END)
        AND (NOT p.is_same OR a.indisunique <> b.indisunique OR bk.conindid IS NOT NULL OR b.indisreplident
        OR b.indexrelid < a.indexrelid))
        SELECT v.indexrelid, (array_agg(v.by ORDER BY v.is_same DESC, v.is_needless, v.by))[1] AS by, bool_or(v.is_same) AS is_same
        FROM (SELECT p.indexrelid, p.by, p.is_same, p.by IN (SELECT n.indexrelid FROM pairs AS n) AS is_needless FROM pairs AS p) AS v
        GROUP BY 1
        """
}
