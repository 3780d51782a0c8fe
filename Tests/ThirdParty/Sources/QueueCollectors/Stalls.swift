public import Sonde

/// Whether any job was finished since the poll before: what data alone cannot say.
public struct Stalls: Collector {
    /// The name, `app_stalls`.
    public let name = "app_stalls"
    /// What it shows.
    public let help = "Whether jobs get finished (app.finished)"
    /// The one family.
    public let metrics = [
        Metric("pg_app_stalls_stalled", help: "1 if no job was finished since the poll before (app.finished.number)")
    ]

    /// Makes the collector.
    public init() {}

    /// One statement, on primaries.
    public func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        facts.isInRecovery ? .skip(.role) : .steps([Step("SELECT sum(number)::float8 AS finished FROM app.finished")])
    }

    /// A reader that remembers the poll before.
    public func makeReader(for timing: Timing) -> any Reader {
        StallsReader()
    }
}

/// Remembers the number of the poll before, for one server.
struct StallsReader: Reader {
    private var before: Double?

    mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
        samples.count(rows: rows.count)
        guard let finished = rows.number(0, "finished") else { return }
        // The first poll has nothing to compare with: no sample.
        if let before { samples.add(finished > before ? 0 : 1, to: "pg_app_stalls_stalled") }
        before = finished
    }
}
