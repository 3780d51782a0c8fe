package import Sonde

extension Definition {
    /// The texts of the statements that have taken the most time.
    ///
    /// The server has no way to give some of the texts: it reads the file with all of them into memory, and keeps them in `work_mem`.
    /// So this is heavy, off by default and seldom. A text ends where a literal begins that the server did not replace by `$1`, as in
    /// utility statements: that may be a password.
    package static let statementText = Definition(
        "statement_text",
        help: "The beginning of the text of the statements with the most time (pg_stat_statements.query)",
        from: [
            "1.7": SQL.Era.texts(of: "total_time"),
            "1.8": SQL.Era.texts(of: "total_exec_time"),
        ],
        columns: [
            .label("queryid", "t.queryid::text"),
            .info("query_text", #"substring(t.query FROM '^(?:[^''$]|[$][0-9])*')"#),
        ],
        per: .anywhere, axis: .extension("pg_stat_statements"), requires: loaded, cost: .heavy,
        every: .seconds(3_600), enabled: false)
}

extension SQL.Era {
    /// The first 500 characters of each statement among the 500 that have taken the most time.
    ///
    /// The argument's `work_mem` comes too late for what groups: so 2 000 rows are, and not all.
    fileprivate static func texts(of time: String) -> String {
        """
        (SELECT q.queryid, min(left(q.query, 500)) AS query
          FROM {schema}.pg_stat_statements(set_config('work_mem', '262144', true) IS NOT NULL) AS q
          WHERE q.queryid IN (SELECT m.queryid FROM (SELECT n.queryid, n.\(time)
            FROM {schema}.pg_stat_statements(set_config('work_mem', '262144', true) IS NULL) AS n
            WHERE n.queryid IS NOT NULL ORDER BY n.\(time) DESC LIMIT 2000) AS m
            GROUP BY m.queryid ORDER BY sum(m.\(time)) DESC LIMIT 500)
          GROUP BY q.queryid) AS t
        """
    }
}
