import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct LatencyTests {
    @Test("a cycle of all collectors of the fast lane is one round trip, however far the server is")
    func oneRoundTrip() async throws {
        let server = try #require(TestServers.all.last)
        // Without any, the server may answer a first part before a second one is sent, which would count as two.
        for delay in [Duration.milliseconds(5), .milliseconds(20)] {
            let proxy = try LatencyProxy(to: server.port, delay: delay)
            defer { proxy.close() }
            let item = FaultConfiguration.server("main", port: proxy.port)
            let text = FaultConfiguration(servers: [item + "\nsslmode: disable"], onlyFast: true).text
            try await withDaemon(text) { daemon in
                try await daemon.page("up") { $0.value("pg_up") == 1 }
                // The second run prepares the statements; from the third on all is as it stays.
                try await Task.sleep(for: .milliseconds(2_600))
                let before = proxy.bursts
                let start = ContinuousClock.now
                try await Task.sleep(for: .seconds(5))
                let bursts = proxy.bursts - before
                let cycles = (ContinuousClock.now - start) / .seconds(1)
                let page = try await daemon.page()
                let collectors = page.samples("pgsonde_collector_state", ["state": "ok"]).count
                let times = proxy.times.suffix(4).map { $0 / .milliseconds(1) }.sorted()
                print(
                    "latency: \(delay) each way: \(bursts) round trips in \(cycles) cycles of \(collectors) collectors; a cycle took \(times) ms"
                )
                #expect(collectors >= 12)
                #expect(abs(Double(bursts) - cycles) < 1.5, "one round trip a cycle")
                #expect(proxy.connections == 1, "\(daemon.log)")
            }
        }
    }
}
