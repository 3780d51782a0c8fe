package import Sonde

/// `SHOW POOLS`: in code, since the longest wait is there in two columns, seconds and the microseconds beside them.
///
/// Pools bound the number of series: pairs of database and user that have connected.
package struct PgBouncerPools: Collector {
    package let name = "pgbouncer_pools"
    package let help = "Clients and servers of each pool (SHOW POOLS)"
    package let kind = ServerKind.pgbouncer

    private static let numbers = Definition(
        "pgbouncer_pools", help: "When a pool's clients give their servers back (SHOW POOLS.pool_mode)",
        query: "SHOW POOLS",
        columns: [
            .label("datname", "database"),
            .label("usename", "user"),
            .info("pool_mode", "pool_mode"),
            .gauge(
                "cl_active", "cl_active",
                help: "Clients that are linked to a server, or idle with nothing to do (SHOW POOLS.cl_active)"),
            .gauge("cl_waiting", "cl_waiting", help: "Clients that wait for a server (SHOW POOLS.cl_waiting)"),
            .gauge(
                "cl_active_cancel_req", "cl_active_cancel_req",
                help: "Clients whose cancel request is with the server (SHOW POOLS.cl_active_cancel_req)"),
            .gauge(
                "cl_waiting_cancel_req", "cl_waiting_cancel_req",
                help: "Clients whose cancel request waits for a server (SHOW POOLS.cl_waiting_cancel_req)"),
            .gauge("sv_active", "sv_active", help: "Servers that are linked to a client (SHOW POOLS.sv_active)"),
            .gauge(
                "sv_active_cancel", "sv_active_cancel",
                help: "Servers that forward a cancel request (SHOW POOLS.sv_active_cancel)"),
            .gauge(
                "sv_being_canceled", "sv_being_canceled",
                help: "Servers that wait for the end of cancel requests to them (SHOW POOLS.sv_being_canceled)"),
            .gauge("sv_idle", "sv_idle", help: "Servers that are ready for a client (SHOW POOLS.sv_idle)"),
            .gauge(
                "sv_used", "sv_used",
                help: "Servers that were idle for so long that they are checked before use (SHOW POOLS.sv_used)"),
            .gauge(
                "sv_tested", "sv_tested",
                help: "Servers that run the reset query or the check query (SHOW POOLS.sv_tested)"),
            .gauge("sv_login", "sv_login", help: "Servers that are logging in (SHOW POOLS.sv_login)"),
        ],
        kind: .pgbouncer)

    private static let wait = Metric(
        "pgbouncer_pools_maxwait_seconds", in: .seconds,
        help: "Time that the first client in the queue has waited (SHOW POOLS.maxwait, maxwait_us)",
        labels: ["datname", "usename"])

    /// Makes the collector.
    package init() {}

    package var metrics: [Metric] { Self.numbers.metrics + [Self.wait] }

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        Self.numbers.plan(for: facts, without: refused)
    }

    package func makeReader(for timing: Timing) -> any Reader {
        PoolsReader(numbers: Self.numbers.makeReader(for: timing))
    }

    private struct PoolsReader: Reader {
        var numbers: any Reader

        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) throws {
            try numbers.read(rows, of: step, into: &samples)
            for row in 0..<rows.count {
                guard let seconds = rows.number(row, "maxwait") else { continue }
                let labels = [("datname", "database"), ("usename", "user")].map { label, column in
                    (name: label, value: rows.text(row, column) ?? "")
                }
                let wait = seconds + Unit.microseconds.base(rows.number(row, "maxwait_us") ?? 0)
                samples.add(wait, to: PgBouncerPools.wait.name, labels: labels)
            }
        }
    }
}
