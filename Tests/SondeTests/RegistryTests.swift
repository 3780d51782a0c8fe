import Sonde
import Testing

@Suite("The registry")
struct RegistryTests {
    /// A collector in code with any metrics.
    private struct Other: Collector {
        let name: String
        var metrics: [Metric] = []
        var prefixes: [String] = []
        var help: String { "A collector." }
        var per: Scope { .database }

        func plan(for facts: Facts, without refused: Set<String>) -> Plan { .skip(.version) }

        func makeReader(for timing: Timing) -> any Reader { Silent() }
    }

    private struct Silent: Reader {
        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {}
    }

    private static let good = Definition(
        "good", help: "A collector.", from: "t", columns: [.gauge("v", "v", help: "A value.")])

    @Test("takes what is right, in its order")
    func right() throws {
        let other = Other(name: "other", metrics: [Metric("other", help: "A.", labels: ["a", "b"])])
        let registry = try Registry([.init(other), .init(Self.good, from: "good.yaml")])
        #expect(registry.entries.map(\.collector.name) == ["other", "good"])
        #expect(registry.entries.map(\.origin) == ["built in", "good.yaml"])
    }

    @Test("names both owners of a name that is there twice")
    func clashes() {
        let other = Other(name: "good", metrics: [Metric("pg_good_v", help: "A.")])
        let error = #expect(throws: Registry.Invalid.self) {
            try Registry([.init(Self.good, from: "a.yaml"), .init(other, from: "b.yaml")])
        }
        #expect(error?.problems.count == 2)
        #expect(error?.description.contains("a.yaml") == true)
        #expect(error?.description.contains("b.yaml") == true)
        #expect(error?.description.contains("pg_good_v") == true)
    }

    @Test(
        "refuses a prefix that another's names begin with, whichever comes first",
        arguments: [
            ("pg_good_", "pg_good_v"), ("pg_go", "pg_good_v"), ("pg_good_v", "pg_good_v"), ("pg_good_v_", nil),
            ("pg_bad_", nil),
        ])
    func prefixes(prefix: String, name: String?) {
        let other = Registry.Entry(Other(name: "other", prefixes: [prefix]), from: "b.yaml:1")
        let good = Registry.Entry(Self.good, from: "a.yaml:1")
        for (entries, expected) in [
            (
                [good, other],
                "collector other (b.yaml:1): the names \(prefix)… are also those of collector good (a.yaml:1), as "
                    + "\(name ?? "") is; choose another prefix"
            ),
            (
                [other, good],
                "collector good (a.yaml:1): the metric \(name ?? "") begins with \(prefix), as all those of "
                    + "collector other (b.yaml:1) do; rename it, or choose another prefix there"
            ),
        ] {
            var found: [String] = []
            do throws(Registry.Invalid) { _ = try Registry(entries) } catch { found = error.problems }
            #expect(found == (name == nil ? [] : [expected]))
        }
    }

    @Test("refuses a prefix that begins as another's does")
    func nestedPrefixes() {
        let entries = ["pg_a_", "pg_a_b_"].map { Registry.Entry(Other(name: "c\($0)", prefixes: [$0]), from: "x:1") }
        let error = #expect(throws: Registry.Invalid.self) { try Registry(entries) }
        #expect(
            error?.problems == [
                "collector cpg_a_b_ (x:1): the names pg_a_b_… are also those of collector cpg_a_ (x:1); choose another "
                    + "prefix for one of them"
            ])
    }

    @Test("lets a name begin with the prefix of what is built in, and with its collector's own")
    func allowedPrefixes() throws {
        let builtIn = Other(name: "late", prefixes: ["pg_good_"])
        #expect(try Registry([.init(builtIn), .init(Self.good, from: "a.yaml")]).entries.count == 2)
        let other = Other(name: "other", metrics: [Metric("pg_a_x", help: "A.")], prefixes: ["pg_a_"])
        #expect(try Registry([.init(other, from: "a.yaml")]).entries.count == 1)
    }

    @Test(
        "says what is wrong with a metric",
        arguments: [
            (Metric("1a", help: "A."), "1a is not a metric name: write letters, digits and _"),
            (Metric("a b", help: "A."), "a b is not a metric name: write letters, digits and _"),
            (Metric("a", help: ""), "a has no help"),
            (Metric("a", help: "A.", labels: ["b", "b"]), "a has the label b twice"),
            (Metric("a", help: "A.", labels: ["server"]), "a has the label server twice"),
            (Metric("a", help: "A.", labels: ["datname"]), "a has the label datname twice"),
            (Metric("a", help: "A.", labels: ["le"]), "le cannot be a label's name"),
            (Metric("a", help: "A.", labels: ["quantile"]), "quantile cannot be a label's name"),
            (Metric("a", help: "A.", labels: ["__x"]), "__x cannot be a label's name"),
            (Metric("a", help: "A.", labels: ["x-y"]), "x-y cannot be a label's name"),
        ])
    func metrics(metric: Metric, problem: String) {
        let problems = Registry.problems(of: Other(name: "x", metrics: [metric]))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
    }

    @Test("says what is wrong with a name", arguments: ["", "Big", "a-b", "é", "a b"])
    func names(name: String) {
        let other = Other(name: name, metrics: [Metric("a", help: "A.")])
        #expect(Registry.problems(of: other) == ["name must be of lower-case letters, digits and _"])
    }

    @Test(
        "says what is wrong with a definition",
        arguments: [
            (
                Definition("x", help: "A.", from: "t", columns: [.label("l", "l")]),
                "it has no metric; add a gauge, counter or info column"
            ),
            (definition([.gauge("v", "v", help: "A."), .label("v", "v")]), "v is the name of two columns"),
            (definition([.gauge("from", "v", help: "A.")]), "from cannot be a column's name"),
            (definition([.gauge("pgsonde_x", "v", help: "A.")]), "pgsonde_x cannot be a column's name"),
            (definition([.gauge(String(repeating: "a", count: 64), "v", help: "A.")]), "aaa"),
            (definition([.gauge("v", [:], help: "A.")]), "v has no SQL"),
            (definition([.gauge("v", " \n", help: "A.")]), "v: SQL cannot be empty"),
            (definition([.gauge("v", "\u{0}", help: "A.")]), "v: SQL cannot hold a NUL"),
            (definition([.gauge("v", "'$pgsonde$'", help: "A.")]), "v: SQL cannot hold $pgsonde$"),
            (definition([.gauge("v", [17: "a", 16: "b", 17: nil], help: "A.")]), "v has two texts since 17"),
            (definition([.gauge("v", "v", help: "A.")], from: [:]), "from has no SQL"),
            (definition([.gauge("v", "v", help: "A.")], from: ""), "from: SQL cannot be empty"),
            (definition([.gauge("v", "v", help: "A.")], every: .zero), "every must be longer"),
            (definition([.gauge("v", "v", help: "A.")], every: .seconds(-1)), "every must be longer"),
            (definition([.gauge("v", "v", help: "A.")], group: true, each: true), "each and group exclude each other"),
        ])
    func definitions(definition: Definition, problem: String) {
        let problems = Registry.problems(of: definition)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
    }

    private static func definition(
        _ columns: [Column], from: SQL = "t", every: Duration? = nil, group: Bool = false, each: Bool = false
    ) -> Definition {
        Definition("x", help: "A.", from: from, columns: columns, every: every, group: group, each: each)
    }
}
