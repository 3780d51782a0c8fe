package import Sonde

extension Definition {
    /// `pg_stat_statements`, its numbers only: the function with `false` does not read the file of the texts.
    ///
    /// One database's extension shows the statements of all. What the function returns is kept in `work_mem`, of which the usual 4 MB
    /// are too little for 10 000 statements: so that nothing is written to disk, the argument sets it, for this statement alone.
    /// Users and databases that have been dropped appear as their numbers, or their statements could not be told apart.
    package static let statement = Definition(
        "statement", help: "Statements by their normalized form (pg_stat_statements)",
        from: """
            {schema}.pg_stat_statements(set_config('work_mem', '65536', true) IS NULL) AS s
            LEFT JOIN pg_database AS d ON d.oid = s.dbid LEFT JOIN pg_roles AS r ON r.oid = s.userid
            """,
        columns: StatementColumns.all,
        per: .anywhere, axis: .extension("pg_stat_statements"), requires: loaded, cost: .medium,
        limit: Limit(rows: 200, by: ["exec_time_seconds_total"], since: ["1.11": "s.stats_since"]), enabled: false)

    /// An extension whose library was not loaded at the server's start answers with an error.
    static let loaded = Requirements(
        roles: ["pg_read_all_stats"], settings: ["pg_stat_statements.max": Requirements.anyValue])
}
