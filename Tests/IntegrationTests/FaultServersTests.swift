import Foundation
import Glibc
import Testing

/// Servers that cannot be reached, come late, are restarted or promoted.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultServersTests {
    @Test("servers that cannot be reached cost nothing but their own metrics")
    func unreachable() async throws {
        let server = try #require(TestServers.all.last)
        let mute = try FaultListener()
        let refused = try FaultListener()
        refused.close()
        let text = FaultConfiguration(
            servers: [
                FaultConfiguration.server("good", host: server.host, port: server.port),
                FaultConfiguration.server("refused", port: refused.port),
                FaultConfiguration.server("mute", port: mute.port),
                FaultConfiguration.server("nameless", host: "no-such-host.invalid", port: server.port),
            ]
        ).text
        try await withDaemon(text) { daemon in
            try await daemon.page("the good one is up", within: .seconds(5)) {
                $0.value("pg_up", ["server": "good"]) == 1
            }
            var slowest = Duration.zero
            let page = try await daemon.page("the others say why not", within: .seconds(20)) { page in
                [("refused", "network"), ("mute", "timeout"), ("nameless", "network")].allSatisfy { name, reason in
                    page.value("pg_up", ["server": name]) == 0
                        && page.value("pgsonde_server_failure", ["server": name, "reason": reason]) == 1
                }
            }
            for _ in 0..<20 {
                let start = ContinuousClock.now
                #expect(try await daemon.get("/metrics").status == 200)
                slowest = max(slowest, .now - start)
            }
            #expect(slowest < .seconds(1))
            for sample in page.samples("pgsonde_collector_age_seconds", ["server": "good"])
            where sample.labels["collector"] != "database_size" {
                #expect(sample.value < 6, "\(sample.labels)")
            }
            // Later and later, and the log says it once.
            for name in ["refused", "mute", "nameless"] {
                let lines = daemon.log.split(separator: "\n").filter { $0.contains("server=\(name)") }
                #expect(lines.count == 1, "\(lines.joined(separator: "\n"))")
            }
            let failures = page.samples("pgsonde_connection_failures_total", ["server": "refused"]).reduce(0) {
                $0 + $1.value
            }
            #expect((1...6).contains(failures), "\(failures) attempts: 0, 1, 3, 7, 15 s")
        }
    }

    @Test("a server that starts after the daemon is found by itself")
    func late() async throws {
        let listener = try FaultListener()
        let port = listener.port
        listener.close()
        let text = FaultConfiguration(servers: [FaultConfiguration.server("main", port: port)]).text
        try await withDaemon(text) { daemon in
            try await daemon.page("down") { $0.value("pgsonde_server_failure", ["reason": "network"]) == 1 }
            try await FaultServer.with(port: port) { fault in
                try await daemon.page("up", within: .seconds(25)) { $0.value("pg_up") == 1 }
                try await daemon.page("all have run") { page in
                    !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
                }
                #expect(fault.errors() == [])
            }
            let page = try await daemon.page("down again", within: .seconds(10)) { $0.value("pg_up") == 0 }
            #expect(page.value("pgsonde_server_failure", ["reason": "network"]) == 1)
        }
    }

    @Test("sessions that are ended under us are replaced at once, and a crash is got over")
    func ended() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            try await withDaemon(text) { daemon in
                try await daemon.page("up") { $0.value("pgsonde_connections") == 2 }
                let before = try await daemon.page().value("pgsonde_connections_opened_total") ?? 0
                try await fault.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'")
                let end = ContinuousClock.now + .seconds(4)
                while ContinuousClock.now < end {
                    #expect(try await daemon.page().value("pg_up") == 1, "an ended session is no server that is down")
                    try await Task.sleep(for: .milliseconds(200))
                }
                let page = try await daemon.page("replaced") { $0.value("pgsonde_connections") == 2 }
                #expect((page.value("pgsonde_connections_opened_total") ?? 0) >= before + 2)
                #expect(!daemon.log.contains("does not answer"))
                let start = try await daemon.page().value("pgsonde_connections_opened_total") ?? 0
                try await fault.crash()
                try await daemon.page("up after the crash", within: .seconds(30)) { page in
                    page.value("pg_up") == 1 && page.value("pgsonde_connections") == 2
                        && (page.value("pgsonde_connections_opened_total") ?? 0) >= start + 2
                }
            }
        }
    }

    @Test("a standby that is promoted is seen as a primary within a cycle, without an error in its log")
    func promoted() async throws {
        try await FaultServer.with(standby: true) { fault in
            let standby = try #require(fault.server.standby)
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server("main", host: standby.host, port: standby.port)]
            ).text
            try await withDaemon(text) { daemon in
                let before = try await daemon.page("a standby") { $0.value("pg_server_in_recovery") == 1 }
                #expect(before.value("pg_up") == 1)
                let start = ContinuousClock.now
                let psql = try #require(TestServers.shared?.tools.psql)
                let environment = [
                    "PGHOST": standby.host, "PGPORT": "\(standby.port)", "PGUSER": "postgres",
                    "PGPASSWORD": "postgres", "PGDATABASE": "postgres",
                ]
                _ = try await blocking {
                    try Shell.run(psql, ["-XqAtw", "-c", "SELECT pg_promote()"], environment: environment)
                }
                try await daemon.page("a primary", within: .seconds(5)) { $0.value("pg_server_in_recovery") == 0 }
                print("promoted: seen after \((ContinuousClock.now - start) / .seconds(1)) s")
                try await daemon.page("plans are those of a primary", within: .seconds(5)) { page in
                    !page.samples("pgsonde_collector_state").contains {
                        ["failed", "pending"].contains($0.labels["state"])
                    }
                }
                let log = try String(contentsOfFile: standby.log, encoding: .utf8)
                #expect(!log.contains("ERROR:"))
            }
        }
    }
}
