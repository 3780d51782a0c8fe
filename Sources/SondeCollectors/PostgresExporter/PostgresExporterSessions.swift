import Sonde

extension PostgresExporter {
    /// What it shows of sessions and what they hold.
    static let sessions: [Member] = [
        Member("stat_activity", [statActivity]),
        Member("stat_activity_autovacuum", [autovacuum]),
        Member("long_running_transactions", [longTransactions]),
        Member("process_idle", [processIdle]),
        Member("locks", [locks]),
        Member("stat_progress_vacuum", [vacuum, vacuumPhase]),
    ]

    private static let statistics = ["pg_read_all_stats"]

    /// Six states of every database, each by the sessions in it, or 0 where there is none.
    private static let statActivity = part(
        "stat_activity", help: "Sessions by database and state (pg_stat_activity)",
        from: """
            (VALUES ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
            ('fastpath function call'), ('disabled')) AS t(state)
            CROSS JOIN pg_database AS d
            LEFT JOIN (SELECT a.datname, a.state, a.usename, a.application_name, a.backend_type, a.wait_event_type,
            a.wait_event, count(*) AS sessions, max(extract(epoch FROM now() - a.xact_start)) AS longest
            FROM pg_stat_activity AS a WHERE a.pid <> pg_backend_pid()
            GROUP BY a.datname, a.state, a.usename, a.application_name, a.backend_type, a.wait_event_type, a.wait_event
            ) AS s ON s.state = t.state AND s.datname = d.datname
            """,
        columns: [
            .label("datname", "d.datname"), .label("state", "t.state"), .label("usename", "s.usename"),
            .label("application_name", "s.application_name"), .label("backend_type", "s.backend_type"),
            .label("wait_event_type", "s.wait_event_type"), .label("wait_event", "s.wait_event"),
            .gauge("count", "coalesce(s.sessions, 0)", help: "Sessions (rows of pg_stat_activity)"),
            .gauge(
                "max_tx_duration", "coalesce(s.longest, 0)",
                help: "Seconds that the oldest open transaction has lasted (pg_stat_activity.xact_start)"),
        ], requires: statistics)

    private static let autovacuum = part(
        "stat_activity_autovacuum", help: "Autovacuum at work (pg_stat_activity)",
        from: "pg_stat_activity AS a WHERE a.query LIKE 'autovacuum:%'",
        columns: [
            .label("relname", "split_part(a.query, '.', 2)"),
            .gauge(
                "timestamp_seconds", "a.xact_start", in: .timestamp,
                help: "When the worker began, in seconds since 1970 (pg_stat_activity.xact_start)"),
        ], requires: statistics, enabled: false)

    private static let longTransactions = part(
        "long_running_transactions", help: "Open transactions (pg_stat_activity)",
        from: """
            pg_stat_activity AS a WHERE a.state IS DISTINCT FROM 'idle' AND a.query NOT LIKE 'autovacuum:%'
            AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
            """,
        columns: [
            .gauge(
                "transactions", "count(*)", help: "Transactions that are open, long or not (rows of pg_stat_activity)",
                metric: "pg_long_running_transactions"),
            .gauge(
                "oldest_timestamp_seconds",
                "coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)",
                help: "Age of the oldest, in seconds: no point in time (pg_stat_activity.xact_start)"),
        ], requires: statistics, group: true, enabled: false)

    /// The first row only, which is all that it reads.
    private static let processIdle = part(
        "process_idle", help: "How long sessions have been idle (pg_stat_activity)",
        from: SQL(
            """
            (SELECT a.state, a.application_name, count(*) AS sessions, sum(a.idle::bigint) AS total,
            ARRAY[\(idleBounds.map { "count(*) FILTER (WHERE a.idle <= \($0))" }.joined(separator: ", "))] AS buckets
            FROM (SELECT p.state, p.application_name, extract(epoch FROM now() - p.state_change) AS idle
            FROM pg_stat_activity AS p WHERE p.state ~ '^idle' AND p.pid <> pg_backend_pid()
            AND p.application_name IS NOT NULL) AS a
            GROUP BY a.state, a.application_name ORDER BY a.state, a.application_name LIMIT 1) AS s
            """),
        columns: [
            .label("state", "s.state"), .label("application_name", "s.application_name"),
            .histogram(
                "seconds", bounds: SQL("ARRAY[\(idleBounds.map(String.init).joined(separator: ", "))]"),
                buckets: "s.buckets", sum: "s.total", count: "s.sessions",
                help: "Times that sessions have been idle, in seconds (pg_stat_activity.state_change)"),
        ], requires: statistics, enabled: false)

    private static let idleBounds = [1, 2, 5, 15, 30, 60, 90, 120, 300]

    /// Nine modes of every database; locks that belong to no database are left out.
    private static let locks = part(
        "locks", help: "Locks by database and mode, held or waited for (pg_locks)",
        from: """
            (VALUES ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), ('shareupdateexclusivelock'),
            ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'), ('accessexclusivelock'), ('sireadlock')) AS t(mode)
            CROSS JOIN pg_database AS d
            LEFT JOIN (SELECT l.database, lower(l.mode) AS mode, count(*) AS locks
            FROM pg_locks AS l WHERE l.database IS NOT NULL GROUP BY l.database, lower(l.mode)) AS s
            ON s.mode = t.mode AND s.database = d.oid
            """,
        columns: [
            .label("datname", "d.datname"), .label("mode", "t.mode"),
            .gauge("count", "coalesce(s.locks, 0)", help: "Locks held or waited for (rows of pg_locks)"),
        ])

    /// The names of the tables of other databases cannot be had; their identifiers stand in for them.
    ///
    /// In this database names have their schema in front of them, unless that is `public`.
    private static let vacuums = """
        pg_stat_get_progress_info('VACUUM') AS p LEFT JOIN pg_database AS d ON d.oid = p.datid
        LEFT JOIN pg_class AS c ON c.oid = p.relid AND d.datname = current_database()
        LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
        """

    private static let vacuumLabels: [Column] = [
        .label("datname", "coalesce(d.datname, 'unknown')"),
        .label(
            "relname",
            """
            coalesce(CASE WHEN n.nspname IN ('public', 'pg_catalog') THEN quote_ident(c.relname)
            ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END, p.relid::text, 'unknown')
            """),
    ]

    private static let vacuum = part(
        "stat_progress_vacuum", help: "Vacuums at work (pg_stat_progress_vacuum)", from: SQL(vacuums),
        columns: vacuumLabels + [
            .gauge(
                "heap_blks", "coalesce(p.param2, 0)",
                help: "Blocks of the table (pg_stat_progress_vacuum.heap_blks_total)"),
            .gauge(
                "heap_blks_scanned", "coalesce(p.param3, 0)",
                help: "Blocks scanned so far (pg_stat_progress_vacuum.heap_blks_scanned)"),
            .gauge(
                "heap_blks_vacuumed", "coalesce(p.param4, 0)",
                help: "Blocks vacuumed so far (pg_stat_progress_vacuum.heap_blks_vacuumed)"),
            .gauge(
                "index_vacuums", "coalesce(p.param5, 0)",
                help: "Rounds over the indexes (pg_stat_progress_vacuum.index_vacuum_count)"),
            .gauge(
                "max_dead_tuples", "coalesce(p.param6, 0)",
                help: "Room for dead rows, since 17 in bytes (pg_stat_progress_vacuum.max_dead_tuples)"),
            .gauge(
                "num_dead_tuples", "coalesce(p.param7, 0)",
                help: "Dead rows held, since 17 in bytes (pg_stat_progress_vacuum.num_dead_tuples)"),
        ], requires: statistics)

    private static let vacuumPhase = part(
        "stat_progress_vacuum_phase", help: "Phases of vacuums at work (pg_stat_progress_vacuum)",
        prefix: "pg_stat_progress_vacuum",
        from: SQL(
            vacuums + """

                CROSS JOIN (VALUES (0, 'initializing'), (1, 'scanning heap'), (2, 'vacuuming indexes'),
                (3, 'vacuuming heap'), (4, 'cleaning up indexes'), (5, 'truncating heap'),
                (6, 'performing final cleanup')) AS t(number, phase)
                """),
        columns: vacuumLabels + [
            .label("phase", "t.phase"),
            .gauge(
                "is_current", "coalesce(p.param1 = t.number, false)",
                help: "1 for the phase that the vacuum is in, 0 for others (pg_stat_progress_vacuum.phase)",
                metric: "pg_stat_progress_vacuum_phase"),
        ], requires: statistics)
}
