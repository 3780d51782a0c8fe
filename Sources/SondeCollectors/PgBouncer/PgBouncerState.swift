package import Sonde

/// `SHOW STATE`: in code, since it says yes and no.
package struct PgBouncerState: Collector {
    package let name = "pgbouncer_state"
    package let help = "Whether PgBouncer is active, paused or suspended (SHOW STATE)"
    package let kind = ServerKind.pgbouncer
    package let metrics = [
        Metric(
            "pgbouncer_state_current", help: "1 for the state that PgBouncer is in (SHOW STATE.value)",
            labels: ["state"])
    ]

    /// The first version that has the command.
    private static let first: Version = "1.19"

    /// Makes the collector.
    package init() {}

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        facts.version < Self.first ? .skip(.version) : .steps([Step("SHOW STATE")])
    }

    package func makeReader(for timing: Timing) -> any Reader {
        StateReader()
    }

    private struct StateReader: Reader {
        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            for row in 0..<rows.count {
                guard let state = rows.text(row, "key"), let value = rows.text(row, "value") else { continue }
                samples.add(
                    value == "yes" ? 1 : 0, to: "pgbouncer_state_current", labels: [(name: "state", value: state)])
            }
        }
    }
}
