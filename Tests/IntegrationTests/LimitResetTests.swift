import Testing

/// What becomes of `other`, and of sums of rates, when a server's counters begin anew, or we do.
@Suite(.enabled(if: TestServers.isAvailable))
struct LimitResetTests {
    private static let family = "pg_table_seq_scan_total"
    private static let tables = 12

    /// What Prometheus makes of one page after the other: the increase of all series together.
    private struct Increase {
        private var last: [[String: String]: Double] = [:]
        private(set) var sum = 0.0

        mutating func scrape(_ page: PageText) {
            let samples = page.samples(LimitResetTests.family, ["datname": "postgres"])
            for sample in samples {
                guard let before = last[sample.labels] else { continue }
                sum += sample.value >= before ? sample.value - before : sample.value
            }
            if !samples.isEmpty { last = Dictionary(samples.map { ($0.labels, $0.value) }) { $1 } }
        }
    }

    @Test("a reset, a crash of the server and our own restart add nothing and lose nothing")
    func resets() async throws {
        try await FaultServer.with { fault in
            for table in 0..<Self.tables { try await fault.sql("CREATE TABLE t\(table) AS SELECT 1") }
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], slow: "500ms", limit: 2
            ).text
            for restart in 0..<2 {
                try await withDaemon(text) { daemon in
                    let first = try await daemon.page("the tables are there") {
                        $0.value(Self.family, ["datname": "postgres", "relname": "other"]) != nil
                    }
                    #expect(first.samples(Self.family, ["datname": "postgres"]).count == 3)
                    if restart == 1 {
                        #expect(first.value(Self.family, ["datname": "postgres", "relname": "other"]) == 0)
                    }
                    var increase = Increase()
                    increase.scrape(first)
                    try await scan(fault, times: 3, &increase, daemon)
                    guard restart == 0 else { return }
                    try await fault.sql("SELECT pg_stat_reset()")
                    try await pass(&increase, daemon)
                    try await scan(fault, times: 1, &increase, daemon)
                    try await fault.crash()
                    try await eventually("the server is back") { try await fault.sql("SELECT 1") == "1" }
                    try await pass(&increase, daemon)
                    try await scan(fault, times: 2, &increase, daemon)
                }
            }
        }
    }

    /// Reads every table so often; all of that, and nothing else, must be what the page says.
    private func scan(
        _ fault: FaultServer, times: Int, _ increase: inout Increase, _ daemon: DaemonProcess
    ) async throws {
        let before = increase.sum
        for _ in 0..<times {
            try await fault.sql((0..<Self.tables).map { "SELECT count(*) FROM t\($0);" }.joined())
        }
        try await pass(&increase, daemon)
        #expect(increase.sum - before == Double(times * Self.tables))
    }

    /// Lets some polls pass, and looks at each.
    private func pass(_ increase: inout Increase, _ daemon: DaemonProcess) async throws {
        for _ in 0..<40 {
            try await Task.sleep(for: .milliseconds(100))
            increase.scrape(try await daemon.page())
        }
    }
}
