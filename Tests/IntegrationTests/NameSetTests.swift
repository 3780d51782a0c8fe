import Foundation
import Testing

/// The names of postgres_exporter, alone and beside our own.
@Suite(.enabled(if: TestServers.isAvailable))
struct NameSetTests {
    /// Switches on what postgres_exporter has off.
    private static let everything = [
        "database_wraparound", "buffercache_summary", "long_running_transactions", "postmaster", "process_idle",
        "stat_activity_autovacuum", "stat_checkpointer", "stat_wal_receiver", "statio_user_indexes", "xlog_location",
    ].map { "--collector.\($0)" }

    /// The page of one round in the database that has tables.
    private func page(_ server: PageServer, _ names: String, _ flags: [String] = everything) async throws -> String {
        let result = try await DaemonProgram.run(
            ["once", "--names", names] + flags,
            environment: ["DATA_SOURCE_NAME": server.keywords.replacing("dbname=postgres", with: "dbname=shop")])
        #expect(result.code == 0, "\(result.error)")
        return result.output
    }

    /// What `pgsonde compare` prints of two pages.
    private func compare(_ left: String, _ right: String, _ flags: [String] = []) async throws -> (Int32, [String]) {
        let result = try await DaemonProgram.run(
            ["compare", "{folder}/left", "{folder}/right", "--all"] + flags, files: ["left": left, "right": right])
        #expect(result.error == "")
        return (result.code, result.output.split(separator: "\n").map(String.init))
    }

    @Test("read the same alone and beside our own, without one error", arguments: PageServers.all)
    func agree(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let before = try String(contentsOfFile: server.log, encoding: .utf8).utf8.count
        let alone = try await page(server, "postgres_exporter")
        let both = try await page(server, "both")
        let ours = try await page(server, "pgsonde", [])
        for page in [alone, both] { #expect(try await PageCheck.findings(page, lint: "off") == "") }
        let log = try String(contentsOfFile: server.log, encoding: .utf8).utf8.dropFirst(before)
        #expect(!(String(Substring(log)).split(separator: "\n").contains { $0.contains("ERROR:") }))
        // Beside our own, partitioned tables have no size.
        let differences = try await compare(alone, both).1.filter { !$0.hasPrefix("extra family: ") }
        #expect(
            differences.allSatisfy { $0.hasPrefix("differences: ") || $0.contains("relname=\"part\"") },
            "\(differences)")
        // The lags in time come and go with what is written.
        let missing = try await compare(ours, both, ["--shape"]).1.filter {
            ($0.hasPrefix("missing") || $0.hasPrefix("other")) && !$0.hasSuffix("_lag_seconds")
        }
        #expect(missing == [])
        let (code, lines) = try await compare(alone, alone)
        #expect(code == 0 && lines.count == 1)
    }

    @Test("have a row for each database and mode, and for each database and state", arguments: PageServers.all)
    func zeroRows(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let page = try PageText(try await page(server, "postgres_exporter"))
        let databases = try #require(Int(try await server.sql("SELECT count(*) FROM pg_database")))
        #expect(page.samples("pg_locks_count").count == databases * 9)
        let states = Set(page.samples("pg_stat_activity_count").map { [$0.labels["datname"], $0.labels["state"]] })
        #expect(states.count == databases * 6)
        #expect(page.samples("pg_database_size_bytes").count == databases)
        #expect(page.samples("pg_stat_database_xact_commit").count == databases)
        let roles = try #require(Int(try await server.sql("SELECT count(*) FROM pg_roles")))
        #expect(page.samples("pg_roles_connection_limit").count == roles)
    }

    @Test("have a family for each setting that is a number", arguments: PageServers.all)
    func settings(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let page = try PageText(try await page(server, "postgres_exporter"))
        let truth = try await server.sql(
            """
            SELECT replace(name, '.', '_') || CASE WHEN unit IS NULL THEN '' WHEN unit IN ('ms', 's', 'min') THEN '_seconds'
            ELSE '_bytes' END || ' ' || CASE WHEN vartype = 'bool' THEN (setting = 'on')::int::text
            WHEN unit IS NULL OR setting = '-1' THEN setting WHEN unit = 'ms' THEN (setting::numeric / 1000)::text
            WHEN unit = 'min' THEN (setting::numeric * 60)::text WHEN unit = 's' THEN setting
            ELSE (setting::numeric * pg_size_bytes(CASE WHEN unit = 'B' THEN '1' WHEN unit ~ '^[0-9]' THEN unit ELSE '1' || unit END))::text END
            FROM pg_settings WHERE vartype IN ('bool', 'integer', 'real') AND source <> 'client' AND name NOT IN
            ('seed', 'is_superuser', 'tcp_keepalives_count', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_user_timeout')
            """)
        let lines = truth.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count > 200)
        // What a socket of TCP has is the system's, and not what a session of ours sets it to.
        for name in ["idle_seconds", "interval_seconds", "count"] {
            let value = page.value("pg_settings_tcp_keepalives_\(name)") ?? 0
            #expect(value > 0 && ![10, 5, 3].contains(value), "\(name)")
        }
        for words in lines {
            #expect(page.value("pg_settings_\(words[0])") == Double(words[1]), "\(words)")
        }
    }

    @Test("cost one look at each view that both sets need", arguments: TestServers.all.map(\.major))
    func once(major: Int) async throws {
        let described = try await PageServers.fresh(major, "names")
        let server = PageServer(
            major: major, isStandby: false, host: described.host, port: described.port, log: described.log)
        try await server.sql(
            "CREATE DATABASE shop; ALTER ROLE monitor SET log_statement = 'all'; ALTER ROLE monitor SET lock_timeout = '7s'"
        )
        let page = try PageText(try await page(server, "both"))
        // What the role has by itself is shown where that is meant, and not as the server's.
        #expect(page.value("pg_settings_lock_timeout_seconds") == 7)
        #expect(page.samples("pg_settings_seconds", ["name": "lock_timeout"]).isEmpty)
        #expect(page.value("pg_settings_seconds", ["name": "statement_timeout"]) == 0)
        let log = try String(contentsOfFile: server.log, encoding: .utf8)
        for from in [
            "FROM pg_stat_database AS s LEFT JOIN", "FROM pg_stat_bgwriter AS s", "FROM pg_stat_archiver AS s",
            "FROM pg_replication_slots AS s CROSS JOIN", "FROM pg_database AS d\n",
            "FROM pg_ls_waldir() AS f CROSS JOIN", "FROM pg_settings AS p)", "FROM pg_stat_database_conflicts AS s",
        ] {
            var count = 0
            var rest = log[...]
            while let range = rest.firstRange(of: from) {
                count += 1
                rest = rest[range.upperBound...]
            }
            #expect(count == 1, "\(from)")
        }
        // Blocks look for locks before they open relations.
        let statements = log.components(separatedBy: "LOG:  ").filter { !$0.contains("DO $pgsonde$") }
        let readers = { (view: String) in
            statements.filter { $0.contains("FROM pg_catalog.\(view))") || $0.contains("FROM \(view) AS") }
        }
        for view in ["pg_locks", "pg_stat_replication", "pg_replication_slots", "pg_roles"] {
            #expect(readers(view).count == 1, "\(view)")
        }
        // Once for whatever asks every 15 s, once for the roles, which are asked for every minute, and for progress in each database.
        let activity = readers("pg_stat_activity").filter { $0.contains("backend_type") }
        #expect(activity.count == 2 && activity.count { $0.contains("pg_roles") } == 1)
    }

    @Test("stand each by itself where the server does not allow what is asked for once")
    func refusedView() async throws {
        let major = try #require(TestServers.all.last).major
        let described = try await PageServers.fresh(major, "barred")
        let server = PageServer(
            major: major, isStandby: false, host: described.host, port: described.port, log: described.log)
        try await server.sql("CREATE DATABASE shop; REVOKE SELECT ON pg_catalog.pg_stat_replication FROM PUBLIC")
        try await server.sql("REVOKE SELECT ON pg_catalog.pg_stat_replication FROM PUBLIC", database: "shop")
        let page = try PageText(try await page(server, "both"))
        #expect(page["pg_stat_activity_count"] != nil && page["pg_activity_sessions"] != nil)
        #expect(page["pg_locks_count"] != nil && page["pg_locks_granted"] != nil)
        #expect(page.value("pg_scrape_collector_success", ["collector": "stat_replication"]) == 0)
        #expect(page.value("pg_scrape_collector_success", ["collector": "stat_activity"]) == 1)
    }

    @Test("are what a unit file of postgres_exporter gets", arguments: TestServers.all.map(\.major))
    func unitFile(major: Int) async throws {
        let server = try await PageServers.shared.server(major)
        let result = try await DaemonProgram.run(
            [
                "once", "--auto-discover-databases", "--exclude-databases=postgres", "--collector.postmaster",
                "--no-collector.wal", "--constantLabels=env=test", "--config.file=postgres_exporter.yml",
                "--log.level=warn", "--web.telemetry-path=/m", "--web.config.file=", "--no-web.systemd-socket",
                "--collector.stat_statements", "--collector.stat_statements.limit=7",
            ],
            environment: [
                "DATA_SOURCE_URI": "\(server.host):\(server.port)/postgres?sslmode=prefer",
                "DATA_SOURCE_USER": "monitor", "DATA_SOURCE_PASS_FILE": "{folder}/pass",
                "PG_EXPORTER_COLLECTION_TIMEOUT": "30s",
            ],
            files: ["pass": "monitor\n"])
        #expect(result.code == 0, "\(result.error)")
        let page = try PageText(result.output)
        #expect(page["pg_wal_segments"] == nil && page["pg_server_info"] == nil)
        #expect(page.value("pg_postmaster_start_time_seconds") != nil)
        #expect(page.samples("pg_stat_user_tables_seq_scan", ["datname": "shop", "relname": "item"]).count == 1)
        #expect(page.samples("pg_database_size_bytes", ["datname": "postgres"]).isEmpty)
        #expect(page.samples("pg_database_size_bytes", ["datname": "template0"]).count == 1)
        #expect(page.samples("pg_up", ["env": "test"]).map(\.value) == [1])
        let version = try #require(page.samples("pg_static").first)
        #expect(version.keys.filter { $0 == "server" || $0 == "env" }.sorted() == ["env", "server"])
        #expect(version.labels["short_version"]?.hasPrefix("\(major).") == true)
        #expect(page.samples("pg_stat_statements_calls_total").count <= 7)
        #expect(page.value("pg_scrape_collector_success", ["collector": "stat_user_tables"]) == 1)
        #expect(page.value("pg_exporter_last_scrape_error") == 0)
    }

    @Test("heed what postgres_exporter's driver takes in a connection string", arguments: TestServers.all.map(\.major))
    func driver(major: Int) async throws {
        let server = try await PageServers.shared.server(major)
        let queries = """
            mine:
              query: SELECT current_schemas(false)::text AS path, name, setting FROM pg_settings WHERE name IN
                ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'work_mem')
              metrics: [{path: {usage: LABEL}}, {name: {usage: LABEL}}, {setting: {usage: GAUGE, description: Its value}}]
            """
        let result = try await DaemonProgram.run(
            ["once", "--extend.query-path={folder}/queries.yaml"],
            environment: [
                "DATA_SOURCE_NAME": """
                postgresql://monitor:monitor@\(server.host):\(server.port)/postgres?sslmode=prefer&statement_timeout=1234ms\
                &lock_timeout=7h&search_path=information_schema,%20pg_catalog&work_mem=5MB&TimeZone=Asia/Tokyo\
                &binary_parameters=yes&application_name=mine&client_encoding=utf8
                """
            ],
            files: ["queries.yaml": queries])
        #expect(result.code == 0, "\(result.error)")
        let page = try PageText(result.output)
        let value = { page.value("mine_setting", ["name": $0, "path": "{information_schema,pg_catalog}"]) }
        #expect(value("statement_timeout") == 1_234 && value("work_mem") == 5_120)
        // Higher than ours is not heeded.
        #expect(value("lock_timeout") == 500 && value("idle_in_transaction_session_timeout") == 10_000)
    }

    @Test("a socket of systemd's is listened on")
    func systemdSocket() async throws {
        let server = try await PageServers.shared.server(try #require(TestServers.all.last).major)
        let code = """
            import os, socket, sys
            listener = socket.create_server(("127.0.0.1", 0))
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            print(listener.getsockname()[1], flush=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(sys.argv[1], sys.argv[1:])
            """
        try await DaemonProgram.withFolder { folder in
            let daemon = try DaemonProgram(
                ["-c", code, DaemonProgram.path, "--web.systemd-socket"],
                environment: ["DATA_SOURCE_NAME": server.keywords], in: folder, program: "/usr/bin/python3")
            try await eventually("the page is there") {
                let url = "http://127.0.0.1:\(daemon.output.trimmingCharacters(in: .newlines))/metrics"
                return try await DaemonProgram.run(["compare", url, url, "--shape"]).code == 0
            }
            let (end, _) = try #require(await daemon.ending(after: SIGTERM, within: .seconds(10)))
            #expect(end == 0)
        }
        let refused = try await DaemonProgram.run(
            ["--web.systemd-socket"], environment: ["DATA_SOURCE_NAME": server.keywords])
        #expect(refused.code == 3 && refused.error.contains("there is no socket from systemd"))
    }

    @Test(
        "what cannot be served as postgres_exporter does is refused",
        arguments: [
            ["--metric-prefix=db"],
            ["--collection-timeout=soon"], ["--constantLabels=server=x"], ["--names=theirs"],
            ["--collector.no_such_thing"],
        ])
    func refused(flags: [String]) async throws {
        let result = try await DaemonProgram.run(["check"] + flags, environment: ["DATA_SOURCE_NAME": "host=x"])
        #expect(result.code == 2 && !result.error.isEmpty)
    }

    @Test("pages that cannot be read are no difference")
    func unreadable() async throws {
        for source in ["/not/there", "http://127.0.0.1:1/metrics", "https://x/metrics"] {
            #expect(try await DaemonProgram.run(["compare", source, source]).code == 2)
        }
        #expect(try await DaemonProgram.run(["compare", "/dev/null"]).code == 2)
        let empty = try await DaemonProgram.run(["compare", "/dev/null", "/dev/null"])
        #expect(empty.code == 2 && empty.error.contains("/dev/null: has no samples, and so is no page"))
        let secret = try await DaemonProgram.run(["compare", "https://u:ge@heim@127.0.0.1:1/m", "/dev/null"])
        #expect(secret.code == 2 && !secret.error.contains("heim@") && !secret.error.contains("ge@"))
        let rules = try await DaemonProgram.run(["compare", "--rules"])
        #expect(rules.code == 0 && rules.output.contains("pg_locks_count{mode=\"accesssharelock\"}"))
    }
}
