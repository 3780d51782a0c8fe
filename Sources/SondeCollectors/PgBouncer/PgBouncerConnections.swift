package import Sonde

/// `SHOW CLIENTS` and `SHOW SERVERS`: in code, since the console cannot count, and a row is a connection.
///
/// Database, user and state are all that tells series apart: never a client.
package struct PgBouncerConnections: Collector {
    /// Which end of PgBouncer they are at.
    private enum Side: String {
        case clients = "CLIENTS"
        case servers = "SERVERS"
    }

    package let name: String
    package let help: String
    package let kind = ServerKind.pgbouncer
    package let cost = Cost.medium
    package let metrics: [Metric]
    private let side: Side

    private static let labels = ["datname", "usename", "state"]

    /// Those of applications to PgBouncer.
    package static let clients = PgBouncerConnections(
        .clients, help: "Connections of clients by database, user and state (SHOW CLIENTS)",
        [
            Metric(
                "pgbouncer_clients_connections", help: "Connections of clients (SHOW CLIENTS.state)", labels: labels),
            Metric(
                "pgbouncer_clients_oldest_wait_seconds", in: .seconds,
                help: "How long the one that has waited longest for a server has waited (SHOW CLIENTS.wait, wait_us)",
                labels: labels),
            Metric(
                "pgbouncer_clients_tls", help: "Connections of clients that are encrypted (SHOW CLIENTS.tls)",
                labels: labels),
        ])

    /// Those of PgBouncer to PostgreSQL.
    package static let servers = PgBouncerConnections(
        .servers, help: "Connections to servers by database, user and state (SHOW SERVERS)",
        [
            Metric(
                "pgbouncer_servers_connections", help: "Connections to servers (SHOW SERVERS.state)", labels: labels),
            Metric(
                "pgbouncer_servers_close_needed",
                help:
                    "Connections that are closed as soon as they are free, as after RECONNECT (SHOW SERVERS.close_needed)",
                labels: labels),
            Metric(
                "pgbouncer_servers_tls", help: "Connections to servers that are encrypted (SHOW SERVERS.tls)",
                labels: labels),
        ])

    private init(_ side: Side, help: String, _ metrics: [Metric]) {
        self.side = side
        name = "pgbouncer_\(side.rawValue.lowercased())"
        self.help = help
        self.metrics = metrics
    }

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        .steps([Step("SHOW \(side.rawValue)")])
    }

    package func makeReader(for timing: Timing) -> any Reader {
        ConnectionsReader(side: side, metrics: metrics.map(\.name))
    }

    private struct ConnectionsReader: Reader {
        private struct Key: Hashable {
            let database: String
            let user: String
            let state: String
        }

        let side: Side
        let metrics: [String]

        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            var order: [Key] = []
            // What each metric comes to, in their order.
            var sums: [Key: [Double]] = [:]
            let hasTLS = rows.index(of: "tls") != nil
            for row in 0..<rows.count {
                let key = Key(
                    database: rows.text(row, "database") ?? "", user: rows.text(row, "user") ?? "",
                    state: rows.text(row, "state") ?? "")
                var sum = sums[key] ?? [0, 0, 0]
                if sum[0] == 0 { order.append(key) }
                sum[0] += 1
                switch side {
                case .clients:
                    let wait =
                        (rows.number(row, "wait") ?? 0) + Unit.microseconds.base(rows.number(row, "wait_us") ?? 0)
                    sum[1] = max(sum[1], wait)
                case .servers: sum[1] += rows.number(row, "close_needed") ?? 0
                }
                if rows.text(row, "tls")?.isEmpty == false { sum[2] += 1 }
                sums[key] = sum
            }
            for key in order {
                guard let sum = sums[key] else { continue }
                let labels = [
                    (name: "datname", value: key.database), (name: "usename", value: key.user),
                    (name: "state", value: key.state),
                ]
                for (metric, value) in zip(metrics, sum) where hasTLS || metric != metrics.last {
                    samples.add(value, to: metric, labels: labels)
                }
            }
        }
    }
}
