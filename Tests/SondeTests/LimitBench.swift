import Synchronization

@testable import Sonde

/// A limited definition that is polled again and again, on a clock of its own.
final class LimitBench {
    /// What a poll gave: the values of each family, by the label; nil for the label of `other`.
    struct Page {
        let counters: [String?: Double]
        let gauges: [String?: Double]
        let counts: Samples.Counts
    }

    private static let columns = [
        Rows.Column("name"), Rows.Column("calls_total", type: 20), Rows.Column("size", type: 20),
        Rows.Column("pgsonde_since"),
    ]
    private let definition: Definition
    private var reader: DefinitionReader
    private let share: (places: Places, owner: String)?
    private let clock: Clock

    private final class Clock: Sendable {
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
    }

    init(_ limit: Limit, other: Fold = .sum, share: (places: Places, owner: String)? = nil) {
        let definition = Definition(
            "x", help: "A collector.", from: "t",
            columns: [
                .label("name", "t.name"), .counter("calls_total", "t.calls", help: "Calls."),
                .gauge("size", "t.size", other: other, help: "Its size."),
            ], limit: limit)
        let clock = Clock()
        self.definition = definition
        self.share = share
        self.clock = clock
        reader = DefinitionReader(definition, expire: .seconds(60)) { clock.now }
    }

    /// Forgets everything, as a restart of the daemon does.
    func restart() {
        reader = DefinitionReader(definition, expire: .seconds(60)) { [clock] in clock.now }
    }

    /// Polls rows of a label, a counter, a gauge and since when they count, so many minutes after the poll before.
    func poll(_ rows: [[String?]], after minutes: Int = 1) throws -> Page {
        clock.elapsed.withLock { $0 += .seconds(minutes * 60) }
        var samples = Samples(metrics: definition.metrics, share: share)
        let width = rows.contains { $0.count > 3 } ? 4 : 3
        reader.read(Rows(columns: Array(Self.columns.prefix(width)), texts: rows), of: 0, into: &samples)
        reader.finish(into: &samples)
        let read = { (text: String) in
            var values: [String?: Double] = [:]
            for sample in try ExpositionParser.samples(in: text.utf8) {
                values.updateValue(sample.value, forKey: sample["name"] == "other" ? nil : sample["name"])
            }
            return values
        }
        return Page(
            counters: try read(samples.string(of: 0)), gauges: try read(samples.string(of: 1)), counts: samples.counts)
    }
}
