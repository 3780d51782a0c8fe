/// The tables below each partitioned table.
enum PartitionTree {
    /// A query whose rows are `root`, a partitioned table that is no partition itself, and `relid`, a table below it at any depth.
    ///
    /// The functions that know this open each table, and wait where one is locked.
    static let sql = """
        WITH RECURSIVE tree AS (
        SELECT p.oid AS root, i.inhrelid AS relid FROM pg_class AS p JOIN pg_inherits AS i ON i.inhparent = p.oid
        WHERE p.relkind = 'p' AND NOT p.relispartition AND p.relpersistence <> 't'
        UNION ALL SELECT t.root, i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.relid
        ) SELECT root, relid FROM tree
        """
}
