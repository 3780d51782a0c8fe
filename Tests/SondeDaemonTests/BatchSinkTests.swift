import NIOCore
import Sonde
import Testing

@testable import SondeDaemon

@Suite("The sink of a batch")
struct BatchSinkTests {
    private struct Counter: Collector {
        let name = "counter"
        let help = "Rows."
        let metrics = [Metric("rows", help: "Rows.", labels: ["page"])]

        func plan(for facts: Facts, without refused: Set<String>) -> Plan { .skip(.version) }
        func makeReader(for timing: Timing) -> any Reader { Page() }
    }

    /// A sample per result.
    private struct Page: Reader {
        private var count = 0

        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            count += 1
            samples.add(Double(rows.count), to: "rows", labels: [(name: "page", value: "\(count)")])
        }
    }

    private func sink(isPaged: Bool) -> BatchSink {
        let run = BatchSink.Run(
            collector: Counter(), reader: Page(), labels: [], steps: 0..<2, isPaged: isPaged)
        return BatchSink([run]) {}
    }

    private func rows(_ count: Int) -> Rows {
        Rows(columns: [Rows.Column("a")], texts: Array(repeating: ["1"], count: count))
    }

    private func text(_ sink: BatchSink) -> String {
        sink.result().yields[0].texts.map { String(buffer: $0) }.joined()
    }

    @Test("a run ends with the result of its last step")
    func steps() {
        let sink = sink(isPaged: false)
        sink.take(rows(1), of: 0)
        #expect(text(sink) == "")
        sink.take(rows(2), of: 1)
        #expect(text(sink) == "rows{page=\"1\"} 1\nrows{page=\"2\"} 2\n")
    }

    @Test(
        "a definition that gives more series than it may fails, and shows nothing",
        arguments: [(nil, true), (3, true), (2, false)] as [(Int?, Bool)])
    func series(most: Int?, isShown: Bool) {
        var definition = Definition(
            "x", help: "X.", from: "t", columns: [.label("a", "a"), .gauge("v", "v", help: "V")])
        definition.mostSeries = most
        let run = BatchSink.Run(
            collector: definition, reader: definition.makeReader(for: definition.timing), labels: [], steps: 0..<1)
        let sink = BatchSink([run]) {}
        sink.take(
            Rows(columns: [Rows.Column("a"), Rows.Column("v")], texts: [["a", "1"], ["b", "2"], ["c", "3"]]), of: 0)
        let yield = sink.result().yields[0]
        #expect(yield.texts.isEmpty != isShown)
        #expect((yield.failure == nil) == isShown)
        #expect(isShown || yield.failure?.hasPrefix("it gives 3 series, and may give 2: write limit: {") == true)
    }

    @Test("a run by pages keeps every page, however many there are", arguments: 1...9)
    func pages(count: Int) {
        let sink = sink(isPaged: true)
        for page in 1...count { sink.take(rows(page), of: 1) }
        sink.end()
        #expect(text(sink) == (1...count).map { "rows{page=\"\($0)\"} \($0)\n" }.joined())
    }
}
