import Testing

@testable import Sonde

@Suite("Limited definitions")
struct LimitTests {
    private static let limit = Limit(rows: 2, by: ["calls_total"])

    /// Rows of counters.
    private static func rows(_ calls: KeyValuePairs<String, Int>) -> [[String?]] {
        calls.map { [$0.key, "\($0.value)", "\($0.value * 10)"] }
    }

    @Test("the largest rows are named, with the server's own values; other begins at 0")
    func first() throws {
        let bench = LimitBench(Self.limit)
        let page = try bench.poll(Self.rows(["a": 5, "b": 900, "c": 100]))
        #expect(page.counters == ["b": 900, "c": 100, nil: 0])
        #expect(page.gauges == ["b": 9_000, "c": 1_000, nil: 50])
        #expect(page.counts.rows == 3)
        #expect(page.counts.series == 6)
        #expect(page.counts.folded == 2)
        #expect(page.counts.dropped == 0)
        #expect(page.counts.truncated == 0)
    }

    @Test("what unnamed rows grow by is added to other; one that is new, or fell, counts whole")
    func growth() throws {
        let bench = LimitBench(Self.limit)
        _ = try bench.poll(Self.rows(["a": 5, "b": 900, "c": 100, "d": 50]))
        #expect(try bench.poll(Self.rows(["a": 8, "b": 901, "c": 100, "d": 50])).counters[nil] == 3)
        #expect(try bench.poll(Self.rows(["a": 8, "b": 902, "c": 100, "d": 2])).counters[nil] == 5)
        #expect(try bench.poll(Self.rows(["a": 8, "b": 903, "c": 100, "d": 2, "e": 7])).counters[nil] == 12)
        // Away for a poll, and back.
        #expect(try bench.poll(Self.rows(["a": 8, "b": 903, "c": 100, "d": 2])).counters[nil] == 12)
        #expect(try bench.poll(Self.rows(["a": 8, "b": 903, "c": 100, "d": 2, "e": 9])).counters[nil] == 21)
        // What fell among those with a name, they show themselves.
        #expect(try bench.poll(Self.rows(["a": 8, "b": 1, "c": 100, "d": 2, "e": 9])).counters[nil] == 21)
    }

    @Test("a newer beginning counts whole, but not where the server begins to tell it")
    func since() throws {
        let bench = LimitBench(Limit(rows: 1, by: ["calls_total"], since: "t.since"))
        _ = try bench.poll([["a", "900", nil], ["b", "5", nil]])
        #expect(try bench.poll([["a", "900", nil, "x"], ["b", "6", nil, "x"]]).counters[nil] == 1)
        #expect(try bench.poll([["a", "900", nil, "x"], ["b", "9", nil, "y"]]).counters[nil] == 10)
        #expect(try bench.poll([["a", "900", nil, "x"], ["b", "9", nil, "y"]]).counters[nil] == 10)
    }

    @Test("a name that is free is given at once: what the row had grown by goes to other")
    func freed() throws {
        let bench = LimitBench(Self.limit)
        _ = try bench.poll(Self.rows(["a": 5, "b": 900, "c": 100]))
        let page = try bench.poll(Self.rows(["a": 8, "b": 900]))
        #expect(page.counters == ["a": 8, "b": 900, nil: 3])
        // It was dropped, so it is not named for an hour, even if there is room.
        let later = try bench.poll(Self.rows(["b": 900, "c": 100]), after: 58)
        #expect(later.counters == ["b": 900, nil: 103])
        #expect(try bench.poll(Self.rows(["b": 900, "c": 101]), after: 2).counters == ["b": 900, "c": 101, nil: 104])
    }

    @Test("a name is kept for an hour, and then until another row is clearly larger")
    func sticky() throws {
        let bench = LimitBench(Self.limit)
        _ = try bench.poll(Self.rows(["a": 5, "b": 900, "c": 100]))
        #expect(try bench.poll(Self.rows(["a": 500, "b": 900, "c": 100])).counters == ["b": 900, "c": 100, nil: 495])
        let near = try bench.poll(Self.rows(["a": 500, "b": 900, "c": 450]), after: 60)
        #expect(near.counters == ["b": 900, "c": 450, nil: 495])
        let passed = try bench.poll(Self.rows(["a": 600, "b": 900, "c": 451]))
        #expect(passed.counters == ["a": 600, "b": 900, nil: 596])
        #expect(try bench.poll(Self.rows(["a": 600, "b": 900, "c": 9_999])).counters[nil] == 596 + 9_548)
    }

    @Test("gauges fold as they say", arguments: [(Fold.none, nil), (.sum, 90.0), (.max, 50), (.min, 40)])
    func folds(fold: Fold, expected: Double?) throws {
        let bench = LimitBench(Limit(rows: 1, by: ["size"]), other: fold)
        let page = try bench.poll([["a", "1", "100"], ["b", "1", "50"], ["c", "1", "40"], ["d", "1", nil]])
        #expect(page.gauges["a"] == 100)
        #expect(page.gauges[nil] == expected)
        #expect(page.counts.dropped == (fold == .none ? 2 : 0))
    }

    @Test("without rows that are folded a gauge has no other, and a counter has")
    func allNamed() throws {
        let page = try LimitBench(Self.limit).poll(Self.rows(["a": 1]))
        #expect(page.counters == ["a": 1, nil: 0])
        #expect(page.gauges == ["a": 10])
    }

    @Test("where there are more rows than are read, other is absent, and goes on from there later")
    func truncated() throws {
        let bench = LimitBench(Limit(rows: 1, by: ["calls_total"], cap: 3))
        _ = try bench.poll(Self.rows(["a": 900, "b": 5, "c": 1]))
        #expect(try bench.poll(Self.rows(["a": 900, "b": 6, "c": 1])).counters[nil] == 1)
        let cut = try bench.poll(Self.rows(["a": 900, "b": 8, "d": 1, "e": 1]))
        #expect(cut.counters == ["a": 900])
        #expect(cut.gauges == ["a": 9_000])
        #expect(cut.counts.truncated == 1)
        #expect(cut.counts.dropped == 6)
        let whole = try bench.poll(Self.rows(["a": 901, "b": 9, "c": 2]))
        #expect(whole.counters == ["a": 901, nil: 5])
        #expect(whole.counts.truncated == 0)
    }

    @Test("a row of the server's that looks like other is part of it")
    func lookalike() throws {
        let bench = LimitBench(Self.limit)
        #expect(try bench.poll(Self.rows(["other": 1_000, "a": 1])).counters == ["a": 1, nil: 0])
        #expect(try bench.poll(Self.rows(["other": 1_005, "a": 1])).counters == ["a": 1, nil: 5])
    }

    @Test("a limit of no rows leaves other alone")
    func nobody() throws {
        let bench = LimitBench(Limit(rows: 0, by: ["calls_total"]))
        #expect(try bench.poll(Self.rows(["a": 1, "b": 2])).counters == [nil: 0])
        #expect(try bench.poll(Self.rows(["a": 2, "b": 4])).counters == [nil: 3])
    }

    @Test("databases share the places of their server")
    func shared() throws {
        let places = Places(total: 3)
        let limit = Limit(rows: 2, perServer: 3, by: ["calls_total"])
        let benches = ["x", "y"].map { LimitBench(limit, share: (places, $0)) }
        let rows = Self.rows(["a": 1, "b": 2, "c": 3])
        #expect(try benches[0].poll(rows).counters.count == 3)
        #expect(try benches[1].poll(rows).counters.count == 2)
        // Three are not to be shared out evenly: one place stays free.
        #expect(try benches[0].poll(rows).counters.count == 2)
        places.keep(only: ["y"])
        #expect(try benches[1].poll(rows).counters.count == 3)
    }

    @Test("the statement reads one row more than the cap, and since when rows count")
    func statement() {
        let definition = Definition(
            "x", help: "A.", from: "t", columns: [.label("l", "t.l"), .counter("c_total", "sum(c)", help: "A.")],
            group: true, limit: Limit(rows: 5, by: ["c_total"], since: [19: "max(t.since)"], cap: 10))
        #expect(
            definition.plan(for: Facts(version: 19)).steps.map(\.sql)
                == [
                    "SELECT (t.l) AS \"l\",\n  (sum(c)) AS \"c_total\",\n  (max(t.since)) AS \"pgsonde_since\"\nFROM t\n"
                        + "GROUP BY 1\nLIMIT 11"
                ])
        let older = definition.plan(for: Facts(version: 18)).steps.map(\.sql)
        #expect(older == ["SELECT (t.l) AS \"l\",\n  (sum(c)) AS \"c_total\"\nFROM t\nGROUP BY 1\nLIMIT 11"])
        #expect(definition.plan(for: Facts(version: 19), without: ["pgsonde_since"]).steps.map(\.sql) == older)
        #expect(definition.limited(to: Limit(rows: 1, by: ["c_total"])).limit?.rows == 1)
        let unlimited = Definition("y", help: "A.", from: "t", columns: [.gauge("g", "g", help: "A.")])
        #expect(unlimited.limited(to: Limit(rows: 1, by: ["g"])).limit == nil)
    }

    @Test("what makes no sense is said")
    func problems() {
        let problems = Registry.problems(
            of: Definition(
                "x", help: "A.", from: "pg_class c",
                columns: [
                    .gauge("g", "g", help: "A."), .info("i", "i"),
                    Column(.counter, "c_total", "c", help: "A.", other: .sum),
                    .histogram("h", bounds: "h", buckets: "h", sum: "h", count: "h", help: "A."),
                ],
                each: true, limit: Limit(rows: -1, perServer: 1, by: ["nope", "h"], since: "s", cap: 0)))
        for part in [
            "needs a label", "less than nothing", "cap must", "per_server is", "nope is no", "h is no", "h: a limit",
            "c_total: other is for gauges", "i: limit, each and info", "since and each",
            "cap means nothing with each",
        ] {
            #expect(problems.contains { $0.contains(part) }, "\(part)")
        }
        let folding = Definition("x", help: "A.", from: "t", columns: [.gauge("g", "g", other: .max, help: "A.")])
        #expect(Registry.problems(of: folding) == ["g: other says nothing without a limit; add one, or remove it"])
    }

    @Test("relation by relation, pages are ranked together, and locked relations count with what they had")
    func relations() throws {
        let definition = Definition(
            "size", help: "Sizes.", from: "pg_class c",
            columns: [
                .label("relname", "c.relname"), .gauge("kb", "f(c.oid)", in: .kilobytes, other: .sum, help: "A size."),
            ], each: true, limit: Limit(rows: 2, by: ["kb"]))
        let columns = ["pgsonde_oid", "pgsonde_left_out", "relname", "kb"].map { Rows.Column($0) }
        var reader = DefinitionReader(definition, expire: .seconds(60))
        let run = { (pages: [[[String?]]], reader: inout DefinitionReader) in
            var samples = Samples(metrics: definition.metrics)
            for step in 0...1 { reader.read(Rows(columns: [], texts: []), of: step, into: &samples) }
            for page in pages {
                reader.read(Rows(columns: [], texts: []), of: 2, into: &samples)
                reader.read(Rows(columns: columns, texts: page), of: 3, into: &samples)
            }
            reader.finish(into: &samples)
            return samples.string(of: 0)
        }
        let pages: [[[String?]]] = [
            [["1", "f", "a", "1"], ["2", "f", "b", "5"]], [["3", "f", "c", "9"], ["4", "f", "d", "2.5"]],
        ]
        let expected = """
            pg_size_kb{relname="b"} 5120
            pg_size_kb{relname="c"} 9216
            pg_size_kb{relname="other"} 3584

            """
        #expect(run(pages, &reader) == expected)
        var locked = pages
        locked[0][1] = ["2", "t", "b", nil]
        locked[1][1] = ["4", "t", "d", nil]
        #expect(run(locked, &reader) == expected)
    }
}
