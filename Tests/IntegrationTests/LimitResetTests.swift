import Foundation
import Testing

/// What becomes of `other`, and of sums of rates, when a server's counters begin anew, or we do.
@Suite(.enabled(if: TestServers.isAvailable))
struct LimitResetTests {
    private static let family = "pg_table_seq_scan_total"
    private static let tables = 12

    /// What Prometheus makes of one page after the other: the increase of all series together.
    private struct Increase {
        /// What the samples have in common that are looked at.
        private let labels: [String: String]
        private var last: [[String: String]: Double] = [:]
        private(set) var sum = 0.0

        init(labels: [String: String] = ["datname": "postgres"]) {
            self.labels = labels
        }

        mutating func scrape(_ page: PageText) {
            let samples = page.samples(LimitResetTests.family, labels)
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

    @Test("behind an address that leads to another server now, what that one had counted before is not counted")
    func failover() async throws {
        try await FaultServer.with(standby: true) { fault in
            let standby = try #require(fault.server.standby)
            let other = PageServer(
                major: standby.major, isStandby: true, host: standby.host, port: standby.port, log: standby.log)
            for table in 0..<Self.tables { try await fault.sql("CREATE TABLE t\(table) AS SELECT 1") }
            try await eventually("the standby has them") {
                try await other.sql("SELECT count(*) FROM pg_class WHERE relname = 't\(Self.tables - 1)'") == "1"
            }
            // Far more than the primary has seen.
            let scans = (0..<Self.tables).map { "SELECT count(*) FROM t\($0);" }.joined()
            try await other.sql(String(repeating: scans, count: 200))
            let item = """
                name: main
                dsn: host=127.0.0.1,127.0.0.1 port=\(fault.server.port),\(standby.port) user=monitor password=monitor \
                dbname=postgres target_session_attrs=primary
                """
            let text = FaultConfiguration(servers: [item], slow: "500ms", limit: 2).text
            try await withDaemon(text) { daemon in
                try await daemon.page("the tables are there") {
                    $0.value(Self.family, ["datname": "postgres", "relname": "other"]) != nil
                }
                var all = Increase()
                try await pass(&all, daemon)
                try await scan(fault, times: 3, &all, daemon)
                try await fault.halt()
                var others = Increase(labels: ["datname": "postgres", "relname": "other"])
                others.scrape(try await daemon.page())
                try await other.sql("SELECT pg_promote()")
                try await daemon.page("it watches the other one", within: .seconds(30)) { page in
                    page.value("pg_up") == 1 && FaultOutageTests.isWell(page)
                }
                try await pass(&others, daemon)
                #expect(others.sum == 0, "nobody has read anything")
                all = Increase()
                all.scrape(try await daemon.page())
                try await other.sql(String(repeating: scans, count: 5))
                try await pass(&all, daemon)
                #expect(all.sum == Double(5 * Self.tables))
            }
            let log = try String(contentsOfFile: standby.log, encoding: .utf8).split(separator: "\n")
            #expect(log.filter { $0.contains("user=monitor,") && $0.contains("ERROR:") } == [])
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
