import Foundation
import Testing

extension PageServerTests {
    /// The rules and dashboards in `deploy/`, over real scrapes by a real Prometheus.
    struct DeployTests {
        private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../..").standardized.path

        /// Runs `Tests/Deploy/check`.
        private static func check(_ arguments: [String]) async throws -> DaemonProgram.Result {
            try await DaemonProgram.run(
                ["\(root)/Tests/Deploy/check"] + arguments, environment: ProcessInfo.processInfo.environment,
                within: .seconds(120), program: "/usr/bin/env")
        }

        @Test("every rule and every panel is answered, with data where the pages have it")
        func answered() async throws {
            let major = try #require(PageServers.all.last { $0.isStandby } ?? PageServers.all.last).major
            var servers = [("primary", try await PageServers.shared.server(major))]
            if PageServers.all.contains(where: { $0 == (major, true) }) {
                servers.append(("standby", try await PageServers.shared.server(major, isStandby: true)))
            }
            let entries = servers.map { "  - {name: \($0.0), dsn: '\($0.1.keywords)'}" }.joined(separator: "\n")
            let configuration = """
                server_label: always
                servers:
                \(entries)
                collectors:
                  statement: {enabled: true, every: 5s}
                  table: {every: 5s}
                  index: {every: 5s}
                """
            // What is only there while something happens must be there when the daemon first looks.
            try await servers[0].1.withWork(isWriting: true) {
                try await withDaemon(configuration) { daemon in
                    _ = try await daemon.page("all is read") { page in
                        servers.allSatisfy {
                            page.value("pgsonde_collector_success", ["collector": "table_size", "server": $0.0]) == 1
                        }
                    }
                    try await Prometheus.with(
                        """
                        global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
                        rule_files: ["\(Self.root)/deploy/prometheus/*.rules.yml"]
                        scrape_configs: [{job_name: pgsonde, static_configs: [{targets: ["\(daemon.address)"]}]}]
                        """
                    ) { prometheus in
                        try await eventually("there are a few scrapes and evaluations") {
                            let scrapes = try await prometheus.ask("count_over_time(pg_up{server=\"primary\"}[5m])")
                            let recorded = try await prometheus.ask("server:pg_database_xacts:rate5m")
                            return (scrapes.first?.number ?? 0) >= 8 && !recorded.isEmpty
                        }
                        let result = try await Self.check(["against", "http://\(prometheus.address)"])
                        #expect(result.code == 0, "\(result.error)\(result.output)")
                        #expect(result.output.contains("rules are evaluated"))
                    }
                }
            }
        }
    }
}
