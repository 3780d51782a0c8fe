import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct PageServersTests {
    /// Families about the program and not about a server.
    private static let ofProgram = [
        "pgsonde_build_info", "pgsonde_scrapes_total", "pgsonde_scrape_duration_seconds_total",
        "pgsonde_scrape_bytes_total", "pgsonde_config_last_reload_successful",
        "pgsonde_config_last_reload_success_timestamp_seconds",
    ]

    private static func file(_ servers: [TestServers.Server], _ more: String = "") -> String {
        "servers:\n"
            + servers.map { server in
                "  - {name: \"\(server.name)\", host: \(server.host), port: \(server.port), dsn: \"user=monitor password=monitor dbname=postgres\"}\n"
            }.joined() + more
    }

    private static func expectLabel(_ isThere: Bool, on page: PageText) {
        for family in page.families where !ofProgram.contains(family.name) && !family.name.hasPrefix("process_") {
            for sample in family.samples {
                #expect((sample.keys.first == "server") == isThere, "\(family.name) \(sample.keys)")
            }
        }
        for family in page.families where ofProgram.contains(family.name) || family.name.hasPrefix("process_") {
            #expect(family.samples.allSatisfy { $0.labels["server"] == nil }, "\(family.name)")
        }
    }

    @Test("of several servers each sample says whose it is, and one that is down costs only itself")
    func several() async throws {
        let servers = [TestServers.all[0], try #require(TestServers.all.last)]
        let dead = "  - {name: dead, host: 127.0.0.1, port: 1, dsn: \"user=monitor dbname=postgres\"}\n"
        try await withDaemon(Self.file(servers, dead)) { daemon in
            let names = Set(servers.map(\.name))
            try await daemon.page("the servers are read") { page in
                names.allSatisfy {
                    page.value("pgsonde_collector_success", ["server": $0, "collector": "index_size"]) == 1
                }
            }
            let text = try await daemon.get("/metrics").text
            let page = try PageText(text)
            #expect(try await PageCheck.findings(text) == "")
            Self.expectLabel(true, on: page)
            #expect(page.value("pg_up", ["server": "dead"]) == 0)
            #expect(page.value("pgsonde_server_failure", ["server": "dead", "reason": "network"]) == 1)
            for name in names {
                #expect(page.value("pg_up", ["server": name]) == 1)
                #expect(page.samples("pg_settings_bytes", ["server": name, "name": "shared_buffers"]).count == 1)
            }
            #expect(page.samples("pg_settings_bytes", ["server": "dead"]).isEmpty)
        }
    }

    @Test("server_label is obeyed", arguments: [("auto", false), ("never", false), ("always", true)])
    func label(choice: String, isThere: Bool) async throws {
        let server = try #require(TestServers.all.last)
        let result = try await DaemonProgram.run(
            ["once", "--config.file={folder}/c.yaml"],
            files: ["c.yaml": Self.file([server], "server_label: \(choice)\n")])
        #expect(result.code == 0, "\(result.error)")
        #expect(try await PageCheck.findings(result.output) == "")
        Self.expectLabel(isThere, on: try PageText(result.output))
    }

    @Test("several servers cannot do without their label")
    func neverOfSeveral() async throws {
        let servers = [TestServers.all[0], try #require(TestServers.all.last)]
        let result = try await DaemonProgram.run(
            ["check", "--config.file={folder}/c.yaml"], files: ["c.yaml": Self.file(servers, "server_label: never\n")])
        #expect(result.code == (servers[0].name == servers[1].name ? 0 : 1))
        #expect(result.error.contains("server_label"))
    }
}
