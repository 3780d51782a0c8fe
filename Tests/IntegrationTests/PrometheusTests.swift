import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct PrometheusTests {
    @Test("a real Prometheus scrapes the daemon, and holds what the page shows")
    func scrapes() async throws {
        let server = try #require(TestServers.all.last)
        let dsn = "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres"
        try await withDaemon(environment: ["DATA_SOURCE_NAME": dsn]) { daemon in
            let page = try await daemon.page("all is read once") {
                $0.value("pgsonde_collector_success", ["collector": "settings"]) == 1 && $0.value("pg_up") == 1
            }
            let configuration = """
                global: {scrape_interval: 1s, scrape_timeout: 1s}
                scrape_configs: [{job_name: pgsonde, static_configs: [{targets: ["\(daemon.address)"]}]}]
                """
            try await Prometheus.with(configuration) { try await Self.check(page, $0) }
            // Prometheus asks for gzip, and the page is more than half smaller then.
            let after = try await daemon.page()
            let bytes = try #require(after.value("pgsonde_scrape_bytes_total"))
            let scrapes = try #require(after.value("pgsonde_scrapes_total"))
            let whole = try await daemon.get("/metrics")
            #expect(bytes / scrapes < Double(whole.body.count) / 2)
        }
    }

    private static func check(_ page: PageText, _ prometheus: Prometheus) async throws {
        try await eventually("three scrapes have succeeded") {
            try await prometheus.ask("sum_over_time(up{job=\"pgsonde\"}[1m])").first?.number ?? 0 >= 3
        }
        #expect(try await prometheus.ask("up{job=\"pgsonde\"}").map(\.number) == [1])
        #expect(try await prometheus.ask("min_over_time(up{job=\"pgsonde\"}[1m])").map(\.number) == [1])
        // What does not change while we look.
        for name in [
            "pg_up", "pg_server_start_timestamp_seconds", "pg_settings_bytes", "pg_settings_seconds", "pg_server_info",
        ] {
            let ours = page.samples(name)
            let theirs = try await prometheus.ask(name)
            #expect(theirs.count == ours.count && !ours.isEmpty, "\(name)")
            for sample in ours {
                let same = theirs.first { series in
                    // To Prometheus an empty label is none.
                    sample.labels.allSatisfy { series.metric[$0] ?? "" == $1 }
                }
                #expect(same?.number == sample.value, "\(name) \(sample.labels)")
            }
        }
        let types = try await prometheus.ask("count({job=\"pgsonde\", __name__=~\"pg_.*\"})").first?.number ?? 0
        #expect(types > 300)
    }
}
