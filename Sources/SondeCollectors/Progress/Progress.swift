import Sonde

/// What the definitions of progress have in common.
///
/// Each row of such a view is a process. Processes that the labels do not tell apart are counted and added up, as are their parts: the
/// sums of what there is to do and of what is done fit together. Amounts in blocks are shown as bytes. Names of tables are looked up in
/// their own database, so these collectors run in each; what was created in a transaction that has not ended has no name yet.
enum Progress {
    /// What a view shows of this database, with the table's names.
    static func from(_ view: String, joining more: String = "") -> String {
        """
        \(view) AS p \(more) LEFT JOIN pg_class AS c ON c.oid = p.relid LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_activity AS a ON a.pid = p.pid WHERE p.datname = current_database()
        """
    }

    /// The labels of a table.
    static let table: [Column] = [.label("schemaname", "n.nspname"), .label("relname", "c.relname")]

    /// How many processes there are, and since when the first has been at it.
    static func processes(of view: String) -> [Column] {
        [
            .gauge("backends", "count(*)", help: "Processes that do this now (rows of \(view))"),
            .gauge(
                "oldest_seconds", "max(clock_timestamp() - a.query_start)", in: .seconds,
                help: "How long the first of them has been running (pg_stat_activity.query_start)"),
        ]
    }

    /// An amount in blocks.
    static func blocks(_ name: String, _ column: String, of view: String, help: String) -> Column {
        .gauge(
            name, SQL("sum(p.\(column)) * current_setting('block_size')::int"), in: .bytes,
            help: "\(help) (\(view).\(column))")
    }

    /// A number of things.
    static func amount(
        _ name: String, _ column: String, of view: String, since: Version = 13, until: Version? = nil, help: String
    ) -> Column {
        var eras = [SQL.Era(since: since, text: "sum(p.\(column))")]
        if let until { eras.append(SQL.Era(since: until, text: nil)) }
        return .gauge(name, SQL(eras), help: "\(help) (\(view).\(column))")
    }
}
