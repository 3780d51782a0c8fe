import Glibc
import Sonde
import SondeTesting
import Synchronization
import Testing

@Suite("The contract")
struct ContractTests {
    /// A collector that does what a test wants.
    struct Made: Collector {
        let name = "made"
        let help = "Made up (made.up)"
        let metrics = [
            Metric("my_made_up", help: "Up (made.up)", labels: ["kind"]),
            Metric("my_made_up_total", .counter, help: "Up (made.up)", labels: ["kind"]),
        ]
        let read: @Sendable (_ value: Double?, _ samples: inout Samples) throws -> Void

        func plan(for facts: Facts, without refused: Set<String>) -> Plan { .steps([Step("SELECT 1 AS up")]) }
        func makeReader(for timing: Timing) -> any Reader { MadeReader(read: read) }
    }

    struct MadeReader: Reader {
        let read: @Sendable (_ value: Double?, _ samples: inout Samples) throws -> Void

        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) throws {
            for row in 0..<rows.count { try read(rows.number(row, "up"), &samples) }
        }
    }

    struct Broken: Error {}

    static let one = [Canned([.number("up")], rows: [["1"]])]

    @Test("holds for a collector that declares what it emits")
    func holds() {
        let made = Made { value, samples in
            if let value { samples.add(value, to: "my_made_up", labels: [("kind", "a\"b\\c\nd")]) }
        }
        #expect(Contract.problems(of: made, on: Self.one) == [])
    }

    @Test("is broken by a family, or a label, that was not declared")
    func undeclared() {
        let family = Made { value, samples in if let value { samples.add(value, to: "my_made_down") } }
        #expect(Contract.problems(of: family, on: Self.one).contains("1 cells or samples could not be read"))
        let label = Made { value, samples in
            if let value { samples.add(value, to: "my_made_up", labels: [("sort", "a")]) }
        }
        #expect(Contract.problems(of: label, on: Self.one).contains("1 cells or samples could not be read"))
    }

    @Test("is broken by equal label sets")
    func duplicates() {
        let made = Made { value, samples in
            if let value { samples.add(value, to: "my_made_up", labels: [("kind", "a")]) }
        }
        let two = [Canned([.number("up")], rows: [["1"], ["2"]])]
        #expect(Contract.problems(of: made, on: two) == ["1 label sets were there twice"])
    }

    @Test("is broken by a sample made of NULL")
    func null() {
        let made = Made { value, samples in samples.add(value ?? 0, to: "my_made_up", labels: [("kind", "a")]) }
        #expect(Contract.problems(of: made, on: Self.one) == [#"NULL gives the sample my_made_up{kind="a"} 0"#])
    }

    @Test("is broken by a counter below zero")
    func negative() {
        let made = Made { value, samples in
            if let value { samples.add(-value, to: "my_made_up_total", labels: [("kind", "a")]) }
        }
        #expect(Contract.problems(of: made, on: Self.one) == ["my_made_up_total is a counter and cannot be -1"])
    }

    @Test("is broken by a reader that throws, and by one that emits nothing")
    func nothing() {
        let thrower = Made { _, _ in throw Broken() }
        #expect(Contract.problems(of: thrower, on: Self.one) == ["its reader throws Broken()"])
        let mute = Made { _, _ in }
        #expect(Contract.problems(of: mute, on: Self.one) == ["the results give no sample"])
    }

    @Test("is broken by another page for the same results")
    func unsteady() {
        let made = Made { value, samples in
            if value != nil { samples.add(.random(in: 0...1), to: "my_made_up", labels: [("kind", "a")]) }
        }
        #expect(Contract.problems(of: made, on: Self.one) == ["the same results give another page later"])
    }

    @Test("is broken by a counter that falls while the results stay the same")
    func falling() {
        struct Falling: Reader {
            var value = 3.0

            mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
                guard rows.text(0, "up") != nil else { return }
                samples.add(value, to: "my_made_up", labels: [("kind", "a")])
                samples.add(value, to: "my_made_up_total", labels: [("kind", "a")])
                value -= 1
            }
        }
        struct Faller: Collector {
            let name = "made"
            let help = "Made up (made.up)"
            let metrics = Made { _, _ in }.metrics
            func plan(for facts: Facts, without refused: Set<String>) -> Plan { .steps([Step("SELECT 1 AS up")]) }
            func makeReader(for timing: Timing) -> any Reader { Falling() }
        }
        #expect(
            Contract.problems(of: Faller(), on: Self.one) == [#"my_made_up_total{kind="a"} 3 falls to 2"#])
    }

    @Test("is broken by more rows by name than the limit")
    func limit() {
        struct Wide: Collector {
            let name = "made"
            let help = "Made up (made.up)"
            let metrics = Made { _, _ in }.metrics
            let limit: Limit? = Limit(rows: 2, by: ["up"])
            func plan(for facts: Facts, without refused: Set<String>) -> Plan { .steps([Step("SELECT 1 AS up")]) }
            func makeReader(for timing: Timing) -> any Reader {
                MadeReader { value, samples in
                    guard let value else { return }
                    samples.add(1, to: "my_made_up", labels: [("kind", value > 3 ? "other" : "\(value)")])
                }
            }
        }
        let rows = { (count: Int) in [Canned([.number("up")], rows: (1...count).map { ["\($0)"] })] }
        #expect(Contract.problems(of: Wide(), on: rows(2)) == [])
        #expect(
            Contract.problems(of: Wide(), on: rows(4))
                == ["my_made_up has 3 rows by name, and the limit is 2"])
    }

    /// A collector that asks no server and does what a test wants.
    struct Local: LocalCollector {
        struct Reading: Probe {
            let body: @Sendable (inout Samples) async throws -> Void

            func read(into samples: inout Samples) async throws { try await body(&samples) }
        }

        let name = "made"
        let help = "Made up (made.up)"
        let metrics = Made { _, _ in }.metrics
        let timing = Timing(every: .seconds(1), timeout: .milliseconds(100))
        var prefixes: [String] = []
        let body: @Sendable (inout Samples) async throws -> Void

        func makeProbe(for timing: Timing) -> any Probe { Reading(body: body) }
    }

    @Test("holds for one that asks no server, also with families of its prefixes")
    func local() async throws {
        let made = Local(prefixes: ["my_made_late_"]) { samples in
            samples.add(1, to: "my_made_up", labels: [("kind", "a")])
            samples.declare(Metric("my_made_late_x", help: "X (made.up)"))
            samples.add(1, to: "my_made_late_x")
        }
        #expect(await Contract.problems(of: made) == [])
        var rehearsal = LocalRehearsal(made)
        #expect(
            try await rehearsal.run().page == """
                # HELP my_made_up Up (made.up)
                # TYPE my_made_up gauge
                my_made_up{kind="a"} 1
                # HELP my_made_late_x X (made.up)
                # TYPE my_made_late_x gauge
                my_made_late_x 1

                """)
    }

    @Test("is broken by one that throws, declares what is not its own, or does not end")
    func localProblems() async {
        #expect(await Contract.problems(of: Local { _ in throw Broken() }) == ["its probe throws Broken()"])
        let stranger = Local { samples in
            samples.declare(Metric("my_made_late_x", help: "X (made.up)"))
            samples.add(1, to: "my_made_late_x")
        }
        #expect(await Contract.problems(of: stranger) == ["1 cells or samples could not be read"])
        let waits = Local { _ in try await Task.sleep(for: .seconds(3_600)) }
        #expect(await Contract.problems(of: waits) == ["it does not end within 0.1 seconds"])
        let isOver = Mutex(false)
        defer { isOver.withLock { $0 = true } }
        let blocks = Local { _ in while !isOver.withLock({ $0 }) { usleep(5_000) } }
        #expect(
            await Contract.problems(of: blocks) == ["it does not end within 1.0 seconds of being cancelled"])
    }
}
