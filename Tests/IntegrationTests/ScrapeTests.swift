import Foundation
import Glibc
import Testing

/// What a scrape may ask for: one server of several, and collectors that run for it.
@Suite(.enabled(if: TestServers.isAvailable))
struct ScrapeTests {
    @Test("a collector that runs on a scrape runs once for all who ask at the same time, and not without them")
    func onScrape() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("ALTER ROLE monitor SET log_statement = 'all'")
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], every: "1h", slow: "1h"
            ).text.replacingOccurrences(of: "  server: {every: 1h}", with: "  server: {every: scrape}")
            try await withDaemon(text) { daemon in
                let ran = "pgsonde_collector_last_success_timestamp_seconds"
                let first = try await daemon.page("it has run") { $0.value(ran, ["collector": "server"]) != nil }
                let others = try #require(first.value(ran, ["collector": "database"]))
                try await Task.sleep(for: .seconds(2))
                let runs = {
                    fault.log.filter { $0.contains("pg_control_system") }.count
                }
                let before = runs()
                let pages = try await withThrowingTaskGroup { group in
                    for _ in 0..<20 { group.addTask { try await daemon.page() } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                // Each of the scrapes has what was read for it.
                let times = Set(pages.compactMap { $0.value(ran, ["collector": "server"]) })
                #expect(times.count == 1 && times.allSatisfy { $0 >= others + 1 }, "\(times), \(others)")
                #expect(pages.allSatisfy { $0.value(ran, ["collector": "database"]) == others })
                try await eventually("the server's log has it") { runs() > before }
                #expect(runs() == before + 1)
            }
        }
    }

    @Test(
        "a frozen server costs a scrape that runs collectors no more than the time it has, and gives the last numbers")
    func frozen() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], every: "1h", slow: "1h"
            ).text.replacingOccurrences(of: "  activity: {every: 1h}", with: "  activity: {every: scrape}")
            try await withDaemon(text) { daemon in
                try await daemon.page("it has run") { !$0.samples("pg_activity_sessions").isEmpty }
                try await Task.sleep(for: .seconds(1.5))
                fault.freeze()
                defer { fault.thaw() }
                let start = ContinuousClock.now
                let response = try await daemon.get("/metrics", ["X-Prometheus-Scrape-Timeout-Seconds": "2"])
                #expect(response.status == 200)
                #expect(.now - start < .seconds(2))
                #expect(!(try PageText(response.text)).samples("pg_activity_sessions").isEmpty)
            }
        }
    }

    @Test("one server of several is asked for by its name, and has no label then")
    func server() async throws {
        let server = try #require(TestServers.all.last)
        let names = ["main", #"a "strange" näme"#]
        let text = FaultConfiguration(
            servers: names.map {
                FaultConfiguration.server("'\($0)'", host: server.host, port: server.port)
            }
        ).text
        try await withDaemon(text) { daemon in
            for name in names {
                try await daemon.page("both have answered") {
                    !$0.samples("pg_database_numbackends", ["server": name]).isEmpty
                }
                let query = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let alone = try await daemon.page("/metrics?server=\(query)")
                #expect(alone.value("pg_up") == 1)
                #expect(!alone.samples("pg_database_numbackends").isEmpty)
                #expect(alone.samples("pg_database_numbackends").allSatisfy { $0.labels["server"] == nil })
                #expect(try await daemon.get("/").text.contains("?server="))
            }
            let missing = try await daemon.get("/metrics?server=nobody")
            #expect(missing.status == 404)
            #expect(missing.text.contains("main"))
        }
    }
}
