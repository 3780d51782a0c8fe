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

    @Test("a privilege that the role does not have is asked for without an ERROR, and a GRANT is noticed")
    func privileges() async throws {
        let server = try #require(TestServers.all.first)
        let grants = ["SELECT ON pg_file_settings", "EXECUTE ON FUNCTION pg_show_all_file_settings()"]
        try Shell.psql(server, "CREATE SCHEMA closed; CREATE TABLE closed.thing AS SELECT 1 AS one")
        let collectors = """
            - name: files
              help: Lines of the configuration files (pg_file_settings)
              from: pg_file_settings AS f
              columns: [{gauge: lines, sql: count(*), help: 'Lines (rows of pg_file_settings)'}]
              requires: {privileges: ['\(grants[0])', '\(grants[1])']}
              every: 1s
            - name: things
              help: Things (closed.thing)
              from: closed.thing AS t
              columns: [{gauge: things, sql: count(*), help: Things (closed.thing)}]
              requires: {privileges: [SELECT ON closed.thing], relations: [closed.thing]}
            - name: nothing
              help: Nothing (closed.nothing)
              from: closed.nothing AS t
              columns: [{gauge: things, sql: count(*), help: Nothing (closed.nothing)}]
              requires: {privileges: ['EXECUTE ON FUNCTION closed.f(closed.nothing, int)']}
            - name: wal_minimal
              help: WAL (pg_settings)
              from: pg_settings AS s
              columns: [{gauge: settings, sql: count(*), help: Settings (rows of pg_settings)}]
              requires: {settings: {wal_level: minimal}}
            """
        defer {
            _ = try? Shell.psql(
                server,
                grants.map { "REVOKE \($0) FROM monitor;" }.joined() + "DROP SCHEMA closed CASCADE")
        }
        let configuration = FaultConfiguration(servers: [
            FaultConfiguration.server("main", host: server.host, port: server.port)
        ])
        let before = try Self.errors(in: server)
        try await withDaemon(
            configuration.text + "collectors_dir: collectors.d\n", files: ["collectors.d/own.yaml": collectors]
        ) { daemon in
            let page = try await daemon.page("all have run") { page in
                !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
            }
            for name in ["files", "things", "nothing", "wal_minimal"] {
                let states = page.samples("pgsonde_collector_state", ["collector": name]).map { $0.labels["state"] }
                #expect(states == ["unavailable"], "\(name)")
            }
            #expect(daemon.log.contains("GRANT SELECT ON pg_file_settings TO"))
            try Shell.psql(server, grants.map { "GRANT \($0) TO monitor;" }.joined())
            try await daemon.page("the grant is seen", within: .seconds(25)) { $0.value("pg_files_lines") ?? 0 > 0 }
        }
        #expect(try Self.errors(in: server) == before)
    }

    private static func errors(in server: TestServers.Server) throws -> [Substring] {
        try String(contentsOfFile: server.log, encoding: .utf8).split(separator: "\n").filter {
            $0.contains("ERROR:") && $0.contains("permission denied")
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
