import Foundation
import Testing

@Suite("PgBouncer's console", .enabled(if: TestServers.isAvailable))
struct ConsoleTests {
    /// A pooler of a test's own.
    private static func fresh(_ name: String) async throws -> (pooler: PageServer, cluster: PageServer) {
        let major = try #require(TestServers.shared?.pgbouncer, "there is no PgBouncer here").major
        let cluster = try await PageServers.fresh(major, name, ["--pgbouncer"])
        let pooler = try #require(cluster.pgbouncer)
        let server = { (host: String, port: Int, log: String) in
            PageServer(major: major, isStandby: false, host: host, port: port, log: log)
        }
        return (server(pooler.host, pooler.port, pooler.log), server(cluster.host, cluster.port, cluster.log))
    }

    private static func configuration(_ pooler: PageServer, user: String = "monitor", more: String = "") -> String {
        """
        servers:
          - name: pooler
            kind: pgbouncer
            dsn: "host=\(pooler.host) port=\(pooler.port) user=\(user) password=\(user)"
        \(more)
        """
    }

    @Test("the page shows what the console says, beside a server's, and the pooler has nothing to complain of")
    func page() async throws {
        let (pooler, cluster) = try await Self.fresh("console")
        for _ in 0..<3 { try await pooler.sql("SELECT repeat('x', 1000); BEGIN; SELECT 1; COMMIT") }
        let more = "  - {name: behind, dsn: \"\(cluster.keywords)\"}"
        try await withDaemon(Self.configuration(pooler, more: more)) { daemon in
            let before = try await Self.rows("SHOW STATS", pooler)
            let page = try await daemon.page("all collectors ran") { page in
                page.value("pgbouncer_up", ["server": "pooler"]) == 1
                    && page.samples("pgsonde_collector_state", ["state": "pending"]).isEmpty
            }
            // Nothing went through in between.
            let row = try #require(before.first { $0["database"] == "postgres" })
            for (metric, column, scale) in [
                ("xact_total", "total_xact_count", 1.0), ("query_total", "total_query_count", 1),
                ("received_bytes_total", "total_received", 1), ("sent_bytes_total", "total_sent", 1),
                ("xact_time_seconds_total", "total_xact_time", 1e-6),
                ("query_time_seconds_total", "total_query_time", 1e-6),
                ("wait_time_seconds_total", "total_wait_time", 1e-6),
            ] {
                let expected = try #require(row[column].flatMap { Double($0) }) * scale
                let shown = try #require(
                    page.value("pgbouncer_stats_\(metric)", ["datname": "postgres", "server": "pooler"]))
                #expect(abs(shown - expected) < 1e-9, "\(metric)")
            }
            for row in try await Self.rows("SHOW DATABASES", pooler) {
                let labels = ["datname": row["name"] ?? "", "server": "pooler"]
                #expect(
                    page.value("pgbouncer_databases_max_pool_size", labels) == row["pool_size"].flatMap(Double.init))
            }
            #expect(page.value("pgbouncer_config_value", ["name": "max_client_conn"]) == 200)
            #expect(page.value("pgbouncer_pools_sv_idle", ["datname": "postgres", "usename": "postgres"]) == 1)
            #expect(page.value("pgbouncer_pools_maxwait_seconds", ["datname": "postgres", "usename": "postgres"]) == 0)
            let pool = ["datname": "postgres", "usename": "postgres"]
            #expect(page.value("pgbouncer_servers_connections", pool.merging(["state": "idle"]) { $1 }) == 1)
            #expect(page.value("pgbouncer_servers_close_needed", pool) == 0)
            // The daemon itself, and whoever else is in the console.
            #expect(
                page.value("pgbouncer_clients_connections", ["datname": "pgbouncer", "usename": "monitor"]) ?? 0 >= 1)
            #expect(page.samples("pgbouncer_clients_oldest_wait_seconds").allSatisfy { $0.value < 5 })
            #expect(page.samples("pgbouncer_version_info").count == 1)
            // Each server has the collectors and the state of its own kind.
            #expect(page.samples("pg_up").map { $0.labels["server"] } == ["behind"])
            for sample in page.samples("pgsonde_collector_state") {
                let isConsole = sample.labels["collector"]?.hasPrefix("pgbouncer_") == true
                #expect(sample.labels["server"] == (isConsole ? "pooler" : "behind"))
            }
            let states = page.samples("pgsonde_collector_state", ["server": "pooler"]).map { $0.labels["state"] }
            #expect(Set(states) == ["ok", "skipped_version"] && states.count == 13)
            #expect(try await PageCheck.findings(try await daemon.get("/metrics").text) == "")
            #expect(!daemon.log.contains("level=warning msg=\"collector"))
            #expect(try await daemon.get("/").text.contains("PgBouncer 1."))
            #expect(try await daemon.terminate().code == 0)
        }
        let log = String(decoding: try Data(contentsOf: URL(fileURLWithPath: pooler.log)), as: UTF8.self)
        let bad = log.split(separator: "\n").filter {
            $0.contains(#/ (WARNING|ERROR|FATAL)/#) && $0.contains("monitor")
        }
        #expect(bad.isEmpty, "\(bad.prefix(5).joined(separator: "\n"))")
    }

    @Test("a client that waits for a server shows as one, with its wait")
    func waiting() async throws {
        let (pooler, cluster) = try await Self.fresh("waiting")
        // One server connection, and two clients that want it.
        try await pooler.sql("SET default_pool_size = 1", database: "pgbouncer")
        let psql = try #require(TestServers.shared).tools.psql
        try await DaemonProgram.withFolder { folder in
            let clients = try ["a", "b"].map { _ in
                try DaemonProgram(
                    ["-XqAtc", "SELECT pg_sleep(300)"], environment: pooler.environment(), in: folder, program: psql)
            }
            let configuration = Self.configuration(pooler, more: "collectors: {pgbouncer_pools: {every: 200ms}}")
            try await withDaemon(configuration) { daemon in
                let labels = ["datname": "postgres", "usename": "postgres"]
                try await daemon.page("one waits") { page in
                    page.value("pgbouncer_pools_cl_waiting", labels) == 1
                        && page.value("pgbouncer_pools_cl_active", labels) == 1
                        && page.value("pgbouncer_pools_sv_active", labels) == 1
                        && (page.value("pgbouncer_pools_maxwait_seconds", labels) ?? 0) > 0
                }
            }
            for client in clients { await client.stop() }
            try await cluster.sql(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()
                """)
        }
    }

    @Test("who may not look is told so, and a pooler that stops answering is down, with its numbers gone in time")
    func failures() async throws {
        let (pooler, _) = try await Self.fresh("failing")
        try await withDaemon(Self.configuration(pooler, user: "plain")) { daemon in
            try await daemon.page("it is down") { page in
                page.value("pgbouncer_up") == 0
                    && page.value("pgsonde_server_failure", ["reason": "auth"]) == 1
            }
            #expect(daemon.log.contains("not allowed") && daemon.log.contains("stats_users"))
            #expect(!daemon.log.contains("password=plain"))
        }
        let pid = try #require(try Self.processID(of: pooler))
        let more = "collectors: {pgbouncer_pools: {every: 500ms, expire: 2s}}"
        try await withDaemon(Self.configuration(pooler, more: more)) { daemon in
            try await daemon.page("it is up") { page in
                page.value("pgbouncer_up") == 1 && !page.samples("pgbouncer_pools_cl_active").isEmpty
            }
            kill(pid, SIGSTOP)
            defer { kill(pid, SIGCONT) }
            try await daemon.page("it is down, and the numbers have expired") { page in
                page.value("pgbouncer_up") == 0 && page.value("pgsonde_server_failure", ["reason": "timeout"]) == 1
                    && page.samples("pgbouncer_pools_cl_active").isEmpty
            }
            kill(pid, SIGCONT)
            try await daemon.page("it is up again") { page in
                page.value("pgbouncer_up") == 1 && !page.samples("pgbouncer_pools_cl_active").isEmpty
            }
        }
    }

    /// What a command of the console returns, as its administrator sees it.
    private static func rows(_ command: String, _ pooler: PageServer) async throws -> [[String: String]] {
        let psql = try #require(TestServers.shared).tools.psql
        let result = try await DaemonProgram.run(
            ["-XqAw", "--csv", "-c", command], environment: pooler.environment("pgbouncer"), program: psql)
        guard result.code == 0 else { throw DaemonProgram.Failure(description: result.error) }
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let names = try #require(lines.first)
        return lines.dropFirst().map { Dictionary(zip(names, $0), uniquingKeysWith: { first, _ in first }) }
    }

    /// The number of the pooler's process, by its log.
    private static func processID(of pooler: PageServer) throws -> pid_t? {
        let log = String(decoding: try Data(contentsOf: URL(fileURLWithPath: pooler.log)), as: UTF8.self)
        return log.firstMatch(of: #/\[([0-9]+)\] LOG process up/#).flatMap { pid_t($0.1) }
    }
}
