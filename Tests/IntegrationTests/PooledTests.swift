import Foundation
import Sonde
import SondeCollectors
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct PooledTests {
    @Test(
        "through a pooler in transaction mode the page is whole but for sizes, and the pooler has nothing to complain of"
    )
    func pooled() async throws {
        let major = try #require(TestServers.shared?.pgbouncer, "there is no PgBouncer here").major
        let cluster = try await PageServers.fresh(major, "pooled", ["--pgbouncer"])
        let pooler = try #require(cluster.pgbouncer)
        let direct = PageServer(
            major: major, isStandby: false, host: cluster.host, port: cluster.port, log: cluster.log)
        try await direct.sql("CREATE TABLE public.t (a int PRIMARY KEY); INSERT INTO t VALUES (1)")
        let expected = try PageText(try await direct.once())
        let configuration = """
            servers:
              - {name: pooled, pooled: true, dsn: "host=\(pooler.host) port=\(pooler.port) user=monitor password=monitor dbname=postgres"}
            collectors:
              table: {every: 2s, timeout: 2s}
              index: {every: 2s, timeout: 2s}
              activity: {every: 2s, timeout: 2s}
            """
        try await withDaemon(configuration) { daemon in
            var runs: Set<String> = []
            let page = try await daemon.page("all collectors ran, some several times") { page in
                runs.formUnion(
                    page.samples("pgsonde_collector_last_success_timestamp_seconds", ["collector": "index"]).map(
                        \.text))
                return runs.count >= 3
                    && page.samples("pgsonde_collector_state").allSatisfy { $0.labels["state"] != "pending" }
            }
            // What goes relation by relation keeps its place in the session, which is another's after each transaction here.
            let unavailable = Builtin.collectors.compactMap { $0 as? Definition }.filter(\.each)
            for sample in expected.samples("pgsonde_collector_state", ["state": "ok"]) {
                let collector = sample.labels["collector"] ?? ""
                let state = unavailable.contains { $0.name == collector } ? "unavailable" : "ok"
                #expect(
                    page.value("pgsonde_collector_state", ["collector": collector, "state": state]) == 1, "\(collector)"
                )
            }
            // The pooler speaks no TLS.
            let secured = Set(["pgsonde_server_certificate_not_after_timestamp_seconds"])
            let missing = Set(expected.families.map(\.name)).subtracting(page.families.map(\.name)).subtracting(secured)
            #expect(missing.subtracting(unavailable.flatMap { $0.metrics.map(\.name) }) == [])
            #expect(page.value("pg_table_n_tup_ins_total", ["relname": "t"]) == 1)
            #expect(try await PageCheck.findings(try await daemon.get("/metrics").text) == "")
            #expect(try await daemon.terminate().code == 0)
        }
        for path in [pooler.log, cluster.log] {
            let log = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            let bad = log.split(separator: "\n").filter {
                $0.contains(#/ (WARNING|ERROR|FATAL)/#) && $0.contains("monitor")
            }
            #expect(bad.isEmpty, "\(bad.prefix(5).joined(separator: "\n"))")
        }
    }

    @Test("TLS with the server's certificate verified, and refused where it cannot be")
    func tls() async throws {
        let server = try #require(TestServers.all.last { $0.ca != nil }, "no server here speaks TLS")
        let authority = try #require(server.ca)
        func configuration(_ authority: String) -> String {
            """
            servers:
              - name: main
                host: localhost
                port: \(server.port)
                sslmode: verify-full
                libpq: {sslrootcert: \(authority), application_name: page-tls}
                dsn: user=monitor password=monitor dbname=postgres
            """
        }
        try await withDaemon(configuration(authority)) { daemon in
            try await daemon.page("the server is up") { $0.value("pg_up") == 1 }
            let sessions = try Shell.psql(
                server,
                "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'page-tls'"
            )
            #expect(sessions == "t")
        }
        let other = try #require(server.ca).replacing("ca.crt", with: "client.crt")
        try await withDaemon(configuration(other)) { daemon in
            let page = try await daemon.page("there is a reason") {
                $0.samples("pgsonde_server_failure").contains { $0.value == 1 }
            }
            #expect(page.value("pg_up") == 0)
        }
    }

    @Test("a server is found by a Unix socket, by DATA_SOURCE_NAME and by libpq's variables")
    func ways() async throws {
        let server = try #require(TestServers.all.last)
        let environments = [
            [
                "DATA_SOURCE_NAME":
                    "host=\(server.socketDir) port=\(server.port) user=monitor password=monitor dbname=postgres"
            ],
            ["DATA_SOURCE_NAME": "postgresql://monitor:monitor@\(server.host):\(server.port)/postgres?sslmode=disable"],
            [
                "PGHOST": server.host, "PGPORT": "\(server.port)", "PGUSER": "monitor", "PGPASSWORD": "monitor",
                "PGDATABASE": "postgres",
            ],
            [
                "PGHOST": server.socketDir, "PGPORT": "\(server.port)", "PGUSER": "monitor", "PGPASSWORD": "monitor",
                "PGDATABASE": "postgres",
            ],
        ]
        for environment in environments {
            let result = try await DaemonProgram.run(["once"], environment: environment)
            #expect(result.code == 0, "\(result.error)")
            let page = try PageText(result.output)
            #expect(page.value("pg_up") == 1)
            #expect(page.value("pgsonde_collector_success", ["collector": "table"]) == 1)
        }
    }

    @Test("the page is served on a Unix socket, too")
    func listensOnSocket() async throws {
        let server = try #require(TestServers.all.last)
        let dsn = "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres"
        try await withDaemon(environment: ["DATA_SOURCE_NAME": dsn], listen: "unix:{folder}/web.sock") { daemon in
            try await daemon.page("the server is up") { $0.value("pg_up") == 1 }
        }
    }
}
