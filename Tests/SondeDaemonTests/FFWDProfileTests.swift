import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

@Suite("FFWD: the names of postgresql-metrics")
struct FFWDProfileTests {
    /// Every function and what it sends.
    static let functions: [String: [String]] = [
        "get_stats_disk_usage_for_database": ["database-size"],
        "get_stats_tx_rate_for_database": ["transaction-rate", "transaction-rollbacks"],
        "get_stats_seconds_since_last_vacuum_per_table": ["last-vacuum"],
        "get_stats_oldest_transaction_timestamp": ["sec-since-oldest-xact-start"],
        "get_stats_index_hit_rates": ["index-hit"],
        "get_stats_table_bloat": ["table-bloat"],
        "get_stats_incoming_replication_status": ["incoming-replication-running"],
        "get_stats_client_connections": ["client-connections"],
        "get_stats_lock_statistics": ["locks_granted", "locks_waiting"],
        "get_stats_heap_hit_statistics": [
            "blocks-heap-hit-ratio", "blocks-read-from-buffer", "blocks-read-from-disk",
        ],
        "get_stats_replication_delays": ["replication-delay-bytes"],
        "get_stats_wal_file_amount": ["wal-file-amount"],
        "get_multixact_members_per_mxid": ["multixact-members-per-mxid"],
        "get_multixact_members_remaining_ratio": ["multixact-members-remaining"],
        "get_multixact_remaining_ratio": ["mxid-remaining"],
        "get_xid_remaining_ratio": ["xid-remaining"],
    ]

    @Test("all of them are sent, and no others")
    func complete() {
        var found: [String: Set<String>] = [:]
        for metric in FFWDProfile.metrics { found[metric.function, default: []].insert(metric.what) }
        #expect(found.mapValues { $0.sorted() } == Self.functions)
        #expect(Self.functions.count == 16)
        #expect(Self.functions.values.joined().count == 20)
    }

    @Test(
        "come from metrics and labels that there are; several collectors at once only where each runs once per server")
    func sources() {
        for metric in FFWDProfile.metrics {
            var collectors: [any Collector] = []
            for source in metric.sources {
                let collector = Builtin.collectors.first { $0.metrics.contains { $0.name == source } }
                let family = collector?.metrics.first { $0.name == source }
                guard let collector, let family else {
                    Issue.record("there is no metric \(source)")
                    continue
                }
                let labels = family.labels + (collector.per == .database ? ["datname"] : [])
                for label in metric.labels.map(\.label) + [metric.only, metric.when].compactMap({ $0?.label }) {
                    #expect(labels.contains(label), "\(source): \(label)")
                }
                #expect((family.kind == .counter) == Self.wantsCounter(metric.formula), "\(source)")
                collectors.append(collector)
            }
            if let reset = metric.reset {
                #expect(collectors.allSatisfy { $0.metrics.contains { $0.name == reset } }, "\(reset)")
            }
            if Set(collectors.map(\.name)).count > 1 {
                #expect(collectors.allSatisfy { $0.per == .server } && metric.formula == .quotient, "\(metric.what)")
            }
        }
    }

    @Test("stand in the documentation with the metrics that they come from, and all metrics named there exist")
    func documentation() {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = (try? BoundedFile.read("/\(tests)/config/spotify.md", atMost: 1 << 20).bytes) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("|") }
        for metric in FFWDProfile.metrics {
            let row = lines.first { $0.contains("`\(metric.function)` | `\(metric.what)` |") }
            #expect(row != nil, "there is no row for \(metric.what)")
            for source in metric.sources { #expect(row?.contains("`\(source)`") == true, "\(metric.what): \(source)") }
        }
        let names = Set(Builtin.collectors.flatMap(\.metrics).map(\.name))
        let words = lines.flatMap { $0.split(separator: "`") }.filter {
            $0.hasPrefix("pg_") && Metric.isName(String($0))
        }
        #expect(!words.isEmpty)
        for word in words where !word.hasPrefix("pg_stat_") { #expect(names.contains(String(word)), "\(word)") }
    }

    private static func wantsCounter(_ formula: FFWDMetric.Formula) -> Bool {
        switch formula {
        case .rate, .share, .shareOfGrowth: true
        case .sum, .percent, .age, .remaining, .quotient: false
        }
    }
}
