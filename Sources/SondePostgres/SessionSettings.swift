/// What every session of ours is set to, so that it does no harm and its text has one form.
struct SessionSettings {
    private let settings: ConnectionSettings

    init(_ settings: ConnectionSettings) {
        self.settings = settings
    }

    private var texts: [(name: String, value: String)] {
        [("DateStyle", "ISO"), ("IntervalStyle", "iso_8601"), ("TimeZone", "UTC")]
    }

    private var numbers: [(name: String, value: String)] {
        [
            ("statement_timeout", milliseconds(settings.statementTimeout)),
            ("lock_timeout", milliseconds(settings.lockTimeout)),
            ("idle_in_transaction_session_timeout", milliseconds(settings.idleInTransactionTimeout)),
            ("extra_float_digits", "1"),
            ("jit", "off"),
            ("max_parallel_workers_per_gather", "0"),
        ]
    }

    /// Startup options: how values are written.
    ///
    /// 13 knows every one: an unknown one ends the session. What is set so hides what the server has, for its own value is all that a
    /// session can see then, so the rest is set by the first statement.
    var startup: String {
        texts.map { "-c \($0)=\($1)" }.joined(separator: " ")
    }

    /// The session's first statement: numbers and switches, whose values before can be seen after it, and what not every version has.
    ///
    /// What a socket had is seen nowhere after it was changed, so that is kept in settings of our own; run again that changes nothing.
    /// A limit below ours that the user connects with stays.
    ///
    /// - Parameters:
    ///   - encoding: a client encoding to change to.
    ///   - checksConnection: whether the server shall notice while a statement runs that we are gone, which not every
    ///     platform can.
    /// - Returns: the statement, which sets those that the server knows.
    func first(encoding: String?, checksConnection: Bool) -> String {
        var values =
            numbers + [
                ("default_transaction_read_only", "on"), ("tcp_keepalives_idle", "10"),
                ("tcp_keepalives_interval", "5"),
                ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "10000"), ("idle_session_timeout", "0"),
                ("stats_fetch_consistency", "none"),
            ]
        if checksConnection { values.append(("client_connection_check_interval", "1000")) }
        if let encoding { values.append(("client_encoding", encoding)) }
        let limits = "'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'"
        let list = values.map { "('\($0)', '\($1)')" }.joined(separator: ", ")
        return """
            SELECT CASE WHEN name LIKE 'tcp%' THEN set_config('pgsonde.' || name, \
            coalesce(current_setting('pgsonde.' || name, true), setting), false) END, \
            set_config(name, CASE WHEN name IN (\(limits)) AND source IN ('client', 'session') \
            THEN least(v.value::int, nullif(setting, '0')::int)::text ELSE v.value END, false) \
            FROM pg_settings JOIN (VALUES \(list)) v (name, value) USING (name)
            """
    }

    /// What begins a transaction behind a pooler, statement by statement.
    ///
    /// - Parameters:
    ///   - version: the server's, as libpq numbers it.
    ///   - encoding: a client encoding to change to.
    ///   - searchPath: as a job has it.
    /// - Returns: statements to stand before the one that is meant.
    func begin(version: Int32, encoding: String?, searchPath: String? = nil) -> [String] {
        var local = numbers + texts
        if version >= 150_000 { local.append(("stats_fetch_consistency", "none")) }
        if let encoding { local.append(("client_encoding", encoding)) }
        return ["BEGIN READ ONLY"] + local.map { "SET LOCAL \($0) = '\($1)'" } + SearchPath.settings(searchPath)
    }

    private func milliseconds(_ duration: Duration) -> String {
        String(max(1, Int32(bounded: duration / .milliseconds(1))))
    }
}

extension Int32 {
    fileprivate init(bounded value: Double) {
        self = value >= Double(Int32.max) ? .max : Int32(value)
    }
}
