import Testing

@testable import Sonde

@Suite("Totals of limited definitions")
struct LimitTotalTests {
    /// A server whose rows grow, are reset, come and go, and which knows by how much all of them grew.
    private struct Server {
        var random: SeededGenerator
        var rows: [String: Int] = [:]
        var grown = 0
        private var made = 0

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
        }

        mutating func live(isFirst: Bool) {
            var gone: Set<String> = []
            for name in rows.keys.sorted() {
                switch random.below(20) {
                case 0:
                    rows[name] = nil
                    gone.insert(name)
                case 1:
                    // Reset, and again at work.
                    let value = random.below(max(rows[name] ?? 0, 1))
                    rows[name] = value
                    grown += value
                case 2...9:
                    let more = random.below(random.below(4) == 0 ? 100_000 : 50)
                    rows[name, default: 0] += more
                    grown += more
                default: break
                }
            }
            for _ in 0..<random.below(4) {
                // New ones, and sometimes old ones that come back.
                let name = "row\(made > 3 && random.below(3) == 0 ? random.below(made) : made)"
                made += 1
                // What is gone and back between two polls, and larger than before, nobody can tell.
                guard rows[name] == nil, !gone.contains(name) else { continue }
                let value = random.below(100)
                rows[name] = value
                if !isFirst { grown += value }
            }
        }

        mutating func texts() -> [[String?]] {
            rows.sorted { $0.key < $1.key }.shuffled(using: &random).map { [$0.key, "\($0.value)", nil] }
        }
    }

    /// What Prometheus makes of a page after the other: the increase of all series together.
    private struct Prometheus {
        private var last: [String?: Double] = [:]
        /// When each series was last seen, in polls.
        private var seen: [String?: Int] = [:]
        private(set) var increase = 0.0
        private(set) var returned = 0

        mutating func scrape(_ page: [String?: Double], poll: Int, hour: Int) {
            for (name, value) in page {
                if let before = last[name] {
                    increase += value >= before ? value - before : value
                } else if let seen = seen[name], poll - seen < hour {
                    returned += 1
                }
                seen.updateValue(poll, forKey: name)
            }
            last = page
        }
    }

    @Test(
        "named rows and other together increase by what all rows increased by, whatever happens to them",
        arguments: 0..<14 as Range<UInt64>)
    func total(seed: UInt64) throws {
        var server = Server(seed: seed)
        let bench = LimitBench(Limit(rows: Int(seed % 7), by: ["calls_total"]))
        var prometheus = Prometheus()
        for _ in 0..<20 { server.live(isFirst: true) }
        server.grown = 0
        for poll in 0..<100 {
            if poll > 0 { server.live(isFirst: false) }
            let page = try bench.poll(server.texts(), after: 7)
            #expect(page.counters.count <= Int(seed % 7) + 1)
            prometheus.scrape(page.counters, poll: poll, hour: 9)
            guard prometheus.increase == Double(server.grown) else {
                Issue.record("poll \(poll): \(prometheus.increase), and in truth \(server.grown)")
                return
            }
        }
        #expect(server.grown > 0)
        #expect(prometheus.returned == 0, "a series came back within an hour")
    }

    @Test("after a restart other begins again, and only what happened meanwhile is not counted")
    func restart() throws {
        var server = Server(seed: 1)
        let bench = LimitBench(Limit(rows: 2, by: ["calls_total"]))
        var prometheus = Prometheus()
        for _ in 0..<20 { server.live(isFirst: true) }
        server.grown = 0
        for poll in 0..<50 {
            if poll == 25 {
                bench.restart()
                prometheus = Prometheus()
                server.grown = 0
            } else if poll > 0 {
                server.live(isFirst: false)
            }
            let page = try bench.poll(server.texts())
            if poll == 25 { #expect(page.counters[nil] == 0) }
            prometheus.scrape(page.counters, poll: poll, hour: 60)
            #expect(prometheus.increase == Double(server.grown))
        }
    }
}
