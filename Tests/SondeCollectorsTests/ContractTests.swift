import Sonde
import SondeTesting
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
}
