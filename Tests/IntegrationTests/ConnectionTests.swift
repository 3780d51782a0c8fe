import Sonde
import SondePostgres
import Synchronization
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ConnectionTests {
    @Test("one query gives its rows, NULL apart from the empty string", arguments: TestServers.all)
    func oneQuery(server: TestServers.Server) async throws {
        let connection = Connection(server.settings())
        try await connection.open(within: .seconds(30))
        #expect(connection.isOpen)
        #expect(connection.serverVersion?.major == server.major)
        let sink = TestSink()
        let outcomes = await connection.run(
            [.test("SELECT 'a' AS x, NULL AS y, '' AS z UNION ALL SELECT 'b', '2', 'ü'")], into: sink)
        #expect(outcomes.map(\.error) == [nil])
        #expect(outcomes.map(\.rows) == [2])
        #expect(outcomes.map(\.bytes) == [5])
        #expect(sink.tables[0] == [["a", nil, ""], ["b", "2", "ü"]])
        #expect(await connection.close(within: .seconds(10)), "the server is seen to end the session")
        #expect(!connection.isOpen)
    }

    @Test("an error stays in its query", arguments: TestServers.all)
    func errorStays(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            let sink = TestSink()
            let jobs: [Job] = [
                .test("SELECT 1 AS x", step: 0), .test("SELECT nothing_of_this_name", step: 1),
                .test("SELECT pg_no_such_function()", step: 2), .test("SELECT 1/0", step: 3),
                .test("SELECT * FROM pg_authid", step: 4), .test("SELECT 1; SELECT 2", step: 5),
                .test("COMMENT ON TABLE pg_class IS ''", step: 6), .test("DO $$ BEGIN NULL; END $$", step: 7),
                .test("SELECT 2 AS x", step: 8),
            ]
            let outcomes = await connection.run(jobs, into: sink)
            #expect(outcomes.map(\.wasRun).allSatisfy { $0 })
            #expect(
                outcomes.map { $0.error?.sqlstate } == [
                    nil, "42703", "42883", "22012", "42501", "42601", "25006", nil, nil,
                ])
            #expect(
                outcomes.map { $0.error?.errorClass } == [
                    nil, .undefined, .undefined, .other, .permission, .other, .other, nil, nil,
                ])
            #expect(outcomes[1].error?.position == 8)
            #expect(outcomes[1].error?.collector == "test1")
            #expect(sink.tables == [0: [["1"]], 8: [["2"]]])
            #expect(connection.isOpen)
        }
    }

    @Test("a pipeline longer than all buffers in both directions comes through", arguments: TestServers.newest)
    func longPipeline(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            let filling = String(repeating: "x", count: 100_000)
            let jobs = (0..<60).map { Job.test("SELECT '\(filling)' || repeat('y', 300000) AS x", step: $0) }
            let outcomes = await connection.run(jobs, into: TestSink())
            #expect(outcomes.compactMap(\.error) == [])
            #expect(outcomes.allSatisfy { $0.bytes == 400_000 })
        }
    }

    @Test("a statement is prepared when it comes again", arguments: TestServers.all)
    func prepared(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            let count = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 7 AS x'"
            let jobs: [Job] = [.test("SELECT 7 AS x"), .test("SELECT 8 AS x", step: 1, prepared: false)]
            for expected in ["0", "1", "1"] {
                let sink = TestSink()
                #expect(await connection.run(jobs, into: sink).compactMap(\.error) == [])
                #expect(sink.tables == [0: [["7"]], 1: [["8"]]])
                #expect(try await connection.value(count) == expected)
            }
            // The same one several times in one pipeline.
            let same = (0..<4).map { Job.test("SELECT 9 AS x", step: $0) }
            #expect(await connection.run(same, into: TestSink()).compactMap(\.error) == [])
        }
    }

    @Test("a statement whose result type changed is prepared anew", arguments: TestServers.all)
    func changedType(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows("CREATE TABLE public.changing AS SELECT 1 AS x")
            _ = try await owner.rows("GRANT SELECT ON public.changing TO monitor")
            try await server.withConnection { connection async throws in
                let jobs: [Job] = [.test("SELECT * FROM public.changing"), .test("SELECT 2", step: 1)]
                for _ in 0..<3 { #expect(await connection.run(jobs, into: TestSink()).compactMap(\.error) == []) }
                _ = try await owner.rows("ALTER TABLE public.changing ADD COLUMN y text DEFAULT 'new'")
                let sink = TestSink()
                #expect(await connection.run(jobs, into: sink).compactMap(\.error) == [])
                #expect(sink.tables == [0: [["1", "new"]], 1: [["2"]]])
                #expect(try await connection.value("SELECT count(*) FROM pg_prepared_statements") == "2")
            }
            _ = try await owner.rows("DROP TABLE public.changing")
        }
    }

    @Test("every session is set up to do no harm", arguments: TestServers.all)
    func sessionSettings(server: TestServers.Server) async throws {
        let rows = try await server.withConnection { connection async throws in
            try await connection.rows(
                """
                SELECT name, current_setting(name) FROM pg_settings WHERE name IN ('application_name', 'client_encoding',
                'default_transaction_read_only', 'search_path', 'statement_timeout', 'lock_timeout', 'DateStyle',
                'idle_in_transaction_session_timeout', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'jit',
                'max_parallel_workers_per_gather', 'tcp_keepalives_idle', 'tcp_user_timeout', 'idle_session_timeout',
                'stats_fetch_consistency', 'client_connection_check_interval')
                """)
        }
        var expected = [
            "application_name": "pgsonde", "client_encoding": "UTF8", "default_transaction_read_only": "on",
            "search_path": "pg_catalog", "statement_timeout": "1min", "lock_timeout": "500ms", "DateStyle": "ISO, MDY",
            "idle_in_transaction_session_timeout": "10s", "IntervalStyle": "iso_8601", "TimeZone": "UTC",
            "extra_float_digits": "1", "jit": "off", "max_parallel_workers_per_gather": "0",
            "tcp_keepalives_idle": "10",
            "tcp_user_timeout": "10000",
        ]
        if server.major >= 14 {
            expected["idle_session_timeout"] = "0"
            expected["client_connection_check_interval"] = "1s"
        }
        if server.major >= 15 { expected["stats_fetch_consistency"] = "none" }
        #expect(Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) }) == expected)
    }

    @Test("the user's options are kept, and ours added", arguments: TestServers.newest)
    func ownOptions(server: TestServers.Server) async throws {
        let settings = server.settings(
            "monitor", ["options": "-c work_mem=5MB -c search_path=public", "application_name": "a b'\\"])
        try await server.withConnection(settings) { connection async throws in
            #expect(try await connection.value("SELECT current_setting('work_mem')") == "5MB")
            #expect(try await connection.value("SELECT current_setting('search_path')") == "pg_catalog")
            #expect(try await connection.value("SELECT current_setting('application_name')") == "a b'\\")
        }
    }

    @Test("names are looked up elsewhere for one job only, and nowhere but in pg_catalog before and after")
    func searchPath() async throws {
        for server in TestServers.newest {
            let settings = server.settings("monitor", ["options": "-c search_path=information_schema"])
            try await server.withConnection(settings) { connection async throws in
                let ask = "SELECT current_setting('search_path') AS x"
                for prepared in [false, true, true, true] {
                    let sink = TestSink()
                    var jobs: [Job] = [ask, ask, "SELECT count(*) >= 0 AS x FROM sql_features", "SELECT nope", ask]
                        .enumerated()
                        .map { .test($0.element, step: $0.offset, prepared: prepared) }
                    jobs[1].searchPath = #"public, "it's \""#
                    jobs[2].searchPath = "default"
                    jobs[3].searchPath = "public"
                    let outcomes = await connection.run(jobs, into: sink)
                    #expect(outcomes.map { $0.error?.sqlstate } == [nil, nil, nil, "42703", nil])
                    #expect(outcomes[3].error?.position == 8)
                    #expect(sink.tables[0] == [["pg_catalog"]] && sink.tables[4] == [["pg_catalog"]])
                    #expect(sink.tables[1] == [[#"public, "it's \""#]] && sink.tables[2] == [["t"]])
                }
            }
        }
    }

    @Test("notices come in one line, without control characters", arguments: TestServers.all)
    func notices(server: TestServers.Server) async throws {
        let heard = Mutex<[String]>([])
        let connection = Connection(server.settings()) { notice in heard.withLock { $0.append(notice.text) } }
        try await connection.open(within: .seconds(30))
        _ = try await connection.rows(#"DO $$ BEGIN RAISE WARNING E'a\nb\x1b[31mc'; END $$"#)
        #expect(heard.withLock { $0 } == ["WARNING: a b [31mc"])
    }

    @Test("a result beyond the limit ends the session, not the process", arguments: TestServers.newest)
    func tooLarge(server: TestServers.Server) async throws {
        var settings = server.settings()
        settings.maxResultBytes = 8 << 20
        try await server.withConnection(settings) { connection async throws in
            let small = Job.test("SELECT repeat('x', 1000) FROM generate_series(1, 1000)", step: 0)
            let large = Job.test("SELECT repeat('x', 1000) FROM generate_series(1, 200000)", step: 1)
            let outcomes = await connection.run([small, large, small], into: TestSink())
            #expect(outcomes.map(\.wasRun) == [true, true, false])
            #expect(outcomes[0].error == nil)
            #expect(outcomes[1].error?.message == "the result is too large")
            #expect(!connection.isOpen)
        }
    }

    @Test("the facts are those of the server", arguments: TestServers.all)
    func facts(server: TestServers.Server) async throws {
        let read = { @Sendable (role: String) in
            try await server.withConnection(server.settings(role)) { connection async throws in
                let facts = Mutex<Facts?>(nil)
                let outcomes = await connection.run(
                    [.test(FactsQuery.sql())], into: FactsSink { new in facts.withLock { $0 = new } })
                #expect(outcomes.compactMap(\.error) == [])
                return try #require(facts.withLock { $0 })
            }
        }
        let facts = try await read("monitor")
        #expect(facts.version.major == server.major)
        #expect(!facts.isInRecovery)
        #expect(facts.timeline == 1)
        #expect(facts.startTime > 1_700_000_000)
        #expect(facts.database == "postgres")
        #expect(facts.extensions["plpgsql"]?.schema == "pg_catalog")
        if server.statements { #expect((facts.extensions["pg_stat_statements"]?.version ?? 0) >= Version(1, 8)) }
        #expect(facts.roles == ["pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"])
        let plain = try await read("plain")
        #expect(plain.roles == [])
        let superuser = try await read("postgres")
        #expect(superuser.roles.isSuperset(of: ["pg_monitor", "pg_signal_backend"]))
    }

    @Test("a standby says that it is one", arguments: TestServers.all.filter { $0.standby != nil })
    func standbyFacts(server: TestServers.Server) async throws {
        let standby = try #require(server.standby)
        let settings = server.settings("monitor", ["host": standby.host, "port": "\(standby.port)"])
        try await server.withConnection(settings) { connection async throws in
            let facts = Mutex<Facts?>(nil)
            _ = await connection.run(
                [.test(FactsQuery.sql())], into: FactsSink { new in facts.withLock { $0 = new } })
            #expect(facts.withLock { $0?.isInRecovery } == true)
            #expect(facts.withLock { $0?.timeline } == 1)
        }
    }

    @Test("databases are those that can be visited", arguments: TestServers.all)
    func databases(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows(#"CREATE DATABASE "shut 'off" ALLOW_CONNECTIONS false"#)
            _ = try await owner.rows(#"CREATE DATABASE "a b%'""c" "#)
            _ = try await owner.rows(#"CREATE DATABASE "private""#)
            _ = try await owner.rows(#"REVOKE CONNECT ON DATABASE "private" FROM PUBLIC"#)
        }
        let names = try await server.withConnection { connection async throws in
            try await connection.rows(DatabasesQuery.sql).map { $0[0] }
        }
        #expect(names.contains("postgres"))
        #expect(names.contains(#"a b%'"c"#))
        for name in ["shut 'off", "private", "template0", "template1"] { #expect(!names.contains(name)) }
        try await server.withConnection(server.settings("monitor", ["dbname": #"a b%'"c"#])) {
            connection async throws in
            #expect(try await connection.value("SELECT current_database()") == #"a b%'"c"#)
        }
        try await server.withSuperuser { owner async throws in
            for name in [#""shut 'off""#, #""a b%'""c""#, #""private""#] {
                _ = try await owner.rows("DROP DATABASE \(name)")
            }
        }
    }
}

/// Reads facts from rows while they are valid.
private struct FactsSink: RowSink {
    let onFacts: @Sendable (Facts?) -> Void

    func take(_ rows: borrowing Rows, of step: Int) {
        onFacts(Facts(rows))
    }
}

extension TestServers {
    /// The newest server, for what does not depend on the version.
    static var newest: [Server] { Array(all.suffix(1)) }
}
