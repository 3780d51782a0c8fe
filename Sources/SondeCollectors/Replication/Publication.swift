package import Sonde

extension Definition {
    /// `pg_publication`: what is published, from catalogues alone, for `pg_publication_tables` opens the tables.
    package static let publication = Definition(
        "publication", help: "Publications and what they publish (pg_publication)",
        from: [
            13: tables(all: "p.puballtables", named: "true"),
            15: tables(all: "p.puballtables OR \(schema)", named: "true"),
            19: tables(all: "p.puballtables AND NOT EXISTS (\(excepted)) OR \(schema)", named: "NOT r.prexcept"),
        ],
        columns: [
            .label("pubname", "p.pubname"),
            .gauge(
                "tables", "t.number",
                help: "Tables that are published, a partitioned one counted once (pg_publication_rel.prrelid)"),
            .gauge(
                "tables_without_identity", "CASE WHEN p.pubupdate OR p.pubdelete THEN t.without ELSE 0 END",
                help:
                    "Published tables, partitions left out, that have no key for updates and deletes (pg_class.relreplident)"
            ),
            .gauge(
                "all_tables", "p.puballtables", help: "1 if it is for all tables (pg_publication.puballtables)"),
            .gauge("insert", "p.pubinsert", help: "1 if inserts are published (pg_publication.pubinsert)"),
            .gauge("update", "p.pubupdate", help: "1 if updates are published (pg_publication.pubupdate)"),
            .gauge("delete", "p.pubdelete", help: "1 if deletes are published (pg_publication.pubdelete)"),
            .gauge("truncate", "p.pubtruncate", help: "1 if TRUNCATE is published (pg_publication.pubtruncate)"),
            .gauge(
                "via_root", "p.pubviaroot",
                help: "1 if partitions are published as their root (pg_publication.pubviaroot)"),
        ],
        per: .database, cost: .medium, every: .seconds(300))

    private static let schema = """
        EXISTS (SELECT FROM pg_publication_namespace AS n WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace)
        """
    private static let excepted = """
        SELECT FROM pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = c.oid AND r.prexcept
        """

    /// Publications with the number of their tables, of which it knows those that have no key and need one.
    private static func tables(all: String, named: String) -> String {
        """
        pg_publication AS p CROSS JOIN LATERAL (
        SELECT count(*) AS number, count(*) FILTER (WHERE c.relkind = 'r' AND (c.relreplident = 'n' OR c.relreplident = 'd'
        AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary))) AS without
        FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.oid >= 16384
        AND (NOT c.relispartition AND (\(all)) OR EXISTS (
        SELECT FROM pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = c.oid AND \(named)))) AS t
        """
    }
}
