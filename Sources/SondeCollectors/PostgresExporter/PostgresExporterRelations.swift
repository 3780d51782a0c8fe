import Sonde

extension PostgresExporter {
    /// What it shows of tables, indexes and statements.
    static func relations(_ options: Options) -> [Member] {
        [
            Member("stat_user_tables", [tables(options), tableSizes(options)]),
            Member("statio_user_tables", [tableBlocks(options)]),
            Member("statio_user_indexes", [indexBlocks]),
            Member("stat_statements", statements(options.statements)),
        ]
    }

    /// Tables of the view, temporary ones of all sessions included; beside the canonical set those are left out as they are there.
    private static func tables(_ options: Options) -> Definition {
        part(
            "stat_user_tables", help: "Access to tables (pg_stat_user_tables)",
            from: options.isBeside ? Definition.table.from : "pg_stat_user_tables AS s",
            columns: [
                .label("schemaname", "s.schemaname"), .label("relname", "s.relname"),
                access("seq_scan", "Sequential scans begun"),
                access("seq_tup_read", "Live rows read by sequential scans"),
                access("idx_scan", "Index scans begun"),
                access("idx_tup_fetch", "Live rows fetched by index scans"),
                access("n_tup_ins", "Rows inserted"),
                access("n_tup_upd", "Rows updated"),
                access("n_tup_del", "Rows deleted"),
                access("n_tup_hot_upd", "Rows updated without new index entries"),
                access("n_live_tup", "Live rows, estimated", .gauge),
                access("n_dead_tup", "Dead rows, estimated", .gauge),
                access("n_mod_since_analyze", "Rows changed since the last analyze, estimated", .gauge),
                moment("last_vacuum", "When somebody last vacuumed by hand"),
                moment("last_autovacuum", "When autovacuum last vacuumed"),
                moment("last_analyze", "When somebody last analyzed by hand"),
                moment("last_autoanalyze", "When autovacuum last analyzed"),
                access("vacuum_count", "Vacuums by hand"),
                access("autovacuum_count", "Vacuums by autovacuum"),
                access("analyze_count", "Analyzes by hand"),
                access("autoanalyze_count", "Analyzes by autovacuum"),
            ], per: .database, cost: .medium)
    }

    private static func access(_ column: String, _ help: String, _ kind: Column.Kind = .counter) -> Column {
        Column(kind, column, SQL("coalesce(s.\(column), 0)"), help: "\(help) (pg_stat_user_tables.\(column))")
    }

    private static func moment(_ column: String, _ help: String) -> Column {
        .gauge(column, time("s.\(column)"), help: "\(help), seconds since 1970, or 0 (pg_stat_user_tables.\(column))")
    }

    /// Relation by relation, so that a locked one costs only itself.
    private static func tableSizes(_ options: Options) -> Definition {
        part(
            "stat_user_tables_size", help: "Disk space of tables (pg_table_size(), pg_indexes_size())",
            prefix: "pg_stat_user_tables",
            from: options.isBeside
                ? Definition.tableSize.from
                : [13: userTables(of: "'r', 't', 'm'"), 14: userTables(of: "'r', 't', 'm', 'p'")],
            columns: [
                .label("schemaname", "n.nspname"), .label("relname", "c.relname"),
                .gauge(
                    "index_size_bytes", "pg_indexes_size(c.oid)", in: .bytes,
                    help: "All indexes of the table (pg_indexes_size())"),
                .gauge(
                    "table_size_bytes", "pg_table_size(c.oid)", in: .bytes,
                    help: "The table with its TOAST and maps (pg_table_size())"),
            ], per: .database, cost: .heavy, each: true)
    }

    /// The relations that `pg_stat_user_tables` has; since 14 partitioned tables are among them.
    private static func userTables(of kinds: String) -> String {
        """
        pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN (\(kinds)) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname !~ '^pg_toast'
        """
    }

    private static func tableBlocks(_ options: Options) -> Definition {
        let blocks = ["heap", "idx", "toast", "tidx"].flatMap { place in
            ["read", "hit"].map { what -> Column in
                let column = "\(place)_blks_\(what)"
                // The FROM of the canonical collector has rows of partitioned tables too, which have no blocks.
                let sql =
                    options.isBeside
                    ? "CASE WHEN io.relid IS NOT NULL THEN coalesce(io.\(column), 0) END" : "coalesce(io.\(column), 0)"
                let found = what == "hit" ? "found" : "not found"
                return .counter(
                    "\(place)_blocks_\(what)", SQL(sql),
                    help: "Blocks (\(place)) \(found) in shared buffers (pg_statio_user_tables.\(column))")
            }
        }
        return part(
            "statio_user_tables", help: "Blocks of tables read and found (pg_statio_user_tables)",
            from: options.isBeside ? Definition.table.from : "pg_statio_user_tables AS io",
            columns: [
                .label("schemaname", options.isBeside ? "s.schemaname" : "io.schemaname"),
                .label("relname", options.isBeside ? "s.relname" : "io.relname"),
            ] + blocks, per: .database, cost: .medium)
    }

    /// Of the database that is connected to first, and no other: no label tells which.
    private static let indexBlocks = part(
        "statio_user_indexes", help: "Blocks of indexes read and found (pg_statio_user_indexes)",
        from: "pg_statio_user_indexes AS s",
        columns: [
            .label("schemaname", "s.schemaname"), .label("relname", "s.relname"),
            .label("indexrelname", "s.indexrelname"),
            .counter(
                "idx_blks_read_total", "coalesce(s.idx_blks_read, 0)",
                help: "Blocks not found in shared buffers (pg_statio_user_indexes.idx_blks_read)"),
            .counter(
                "idx_blks_hit_total", "coalesce(s.idx_blks_hit, 0)",
                help: "Blocks found in shared buffers (pg_statio_user_indexes.idx_blks_hit)"),
        ], cost: .medium, enabled: false)
}
