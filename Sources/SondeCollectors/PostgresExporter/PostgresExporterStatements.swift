import Sonde

extension PostgresExporter {
    /// The statements that took longest, all but the quickest tenth, up to a limit.
    ///
    /// Which they are changes from poll to poll, and series come and go with it.
    static func statements(_ options: StatementOptions) -> [Definition] {
        let numbers = part(
            "stat_statements", help: "Statements that took longest (pg_stat_statements)",
            from: source(options),
            columns: [
                .label("user", "coalesce(q.username::text, 'unknown')"), .label("datname", "q.datname"),
                .label("queryid", "coalesce(q.queryid::text, 'unknown')"),
                .counter("calls_total", "coalesce(q.calls, 0)", help: "Times executed (pg_stat_statements.calls)"),
                .counter(
                    "seconds_total", "coalesce(q.total_exec_time, 0)", in: .milliseconds,
                    help: "Time that executing took (pg_stat_statements.total_exec_time)"),
                .counter(
                    "rows_total", "coalesce(q.rows, 0)",
                    help: "Rows returned or changed (pg_stat_statements.rows)"),
                .counter(
                    "block_read_seconds_total", "coalesce(q.read_time, 0)", in: .milliseconds,
                    help: "Time spent reading blocks (pg_stat_statements.shared_blk_read_time)"),
                .counter(
                    "block_write_seconds_total", "coalesce(q.write_time, 0)", in: .milliseconds,
                    help: "Time spent writing blocks (pg_stat_statements.shared_blk_write_time)"),
            ],
            axis: .extension("pg_stat_statements"), requires: ["pg_read_all_stats"], cost: .medium, enabled: false)
        guard options.includesQuery else { return [numbers] }
        let texts = part(
            "stat_statements_text", help: "Texts of the statements that took longest (pg_stat_statements)",
            prefix: "pg_stat_statements", from: source(options),
            columns: [
                .label("queryid", "coalesce(q.queryid::text, 'unknown')"),
                .label("query", SQL("coalesce(left(q.query, \(options.queryLength)), 'unknown')")),
                // Of several users of a statement, the one that is shown first.
                .counter(
                    "query_id", "CASE WHEN q.is_first THEN 1 END",
                    help: "Always 1; the labels tell the text of a queryid (pg_stat_statements.query)"),
            ],
            axis: .extension("pg_stat_statements"), requires: ["pg_read_all_stats"], cost: .medium, enabled: false)
        return [numbers, texts]
    }

    /// Ordered, so that of rows with equal labels the one that took longest is shown.
    private static func source(_ options: StatementOptions) -> SQL {
        let text = { (read: String, write: String) in
            """
            (SELECT t.*, row_number() OVER (PARTITION BY t.queryid ORDER BY t.total_exec_time DESC) = 1 AS is_first
            FROM (SELECT pg_get_userbyid(s.userid) AS username, d.datname, s.queryid, s.query, s.calls, s.total_exec_time,
            s.rows, s.\(read) AS read_time, s.\(write) AS write_time
            FROM {schema}.pg_stat_statements(\(options.includesQuery)) AS s JOIN pg_database AS d ON d.oid = s.dbid
            WHERE s.total_exec_time > (SELECT percentile_cont(0.1) WITHIN GROUP (ORDER BY p.total_exec_time)
            FROM {schema}.pg_stat_statements(false) AS p)\(exclusions(options))
            ORDER BY s.total_exec_time DESC LIMIT \(options.limit)) AS t ORDER BY t.total_exec_time DESC) AS q
            """
        }
        return [
            "1.8": text("blk_read_time", "blk_write_time"),
            "1.11": text("shared_blk_read_time", "shared_blk_write_time"),
        ]
    }

    private static func exclusions(_ options: StatementOptions) -> String {
        var text = ""
        if !options.excludedDatabases.isEmpty { text += "\nAND d.datname NOT IN (\(list(options.excludedDatabases)))" }
        if !options.excludedUsers.isEmpty {
            text += "\nAND pg_get_userbyid(s.userid) NOT IN (\(list(options.excludedUsers)))"
        }
        return text
    }
}
