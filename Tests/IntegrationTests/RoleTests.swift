import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct RoleTests {
    @Test("a role without pg_monitor: the page is valid, and what it may not see is a state or absent, not zero")
    func plain() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", host: server.host, port: server.port, role: "plain")]
        ).text
        try await withDaemon(text) { daemon in
            let page = try await daemon.page("all have run") { page in
                page.value("pg_up") == 1
                    && !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
            }
            for sample in page.samples("pgsonde_collector_state") {
                #expect(sample.labels["state"] != "failed", "\(sample.labels)")
            }
            // Sessions that it sees without their state and age would be counted wrongly: that is said, and not shown.
            for collector in ["activity", "wait_events", "replication", "replication_state"] {
                let states = page.samples("pgsonde_collector_state", ["collector": collector])
                #expect(states.map { $0.labels["state"] } == ["unavailable"], "\(collector)")
            }
            #expect(!page.families.contains { $0.name.hasPrefix("pg_activity_") })
            // The server's log must not be filled by what the role may not do.
            try await Task.sleep(for: .seconds(3))
            let later = try await daemon.page()
            for sample in later.samples("pgsonde_collector_errors_total") {
                #expect(sample.value <= 1, "\(sample.labels): asked for again and again")
            }
        }
    }

    @Test("a wrong password is a reason, and a corrected password file helps without a restart")
    func password() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [
                """
                name: main
                host: \(server.host)
                port: \(server.port)
                user: monitor
                dbname: postgres
                password_file: password
                """
            ]
        ).text
        try await withDaemon(text, files: ["password": "wrong\n"]) { daemon in
            let page = try await daemon.page("the reason shows") {
                $0.value("pgsonde_server_failure", ["reason": "auth"]) == 1
            }
            #expect(page.value("pg_up") == 0)
            #expect(!daemon.log.contains("wrong"), "the password is in the log")
            try "monitor\n".write(
                to: daemon.folder.appendingPathComponent("password"), atomically: true, encoding: .utf8)
            try await daemon.page("up", within: .seconds(25)) { $0.value("pg_up") == 1 }
        }
    }
}
