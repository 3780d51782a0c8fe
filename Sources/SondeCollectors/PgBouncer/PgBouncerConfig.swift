package import Sonde

/// `SHOW CONFIG`: in code, since the unit differs by row.
///
/// Texts are left out, most of all because there are names and paths in them; and so is what is a number only by the way it is written:
/// file modes, ports and identifiers.
package struct PgBouncerConfig: Collector {
    package let name = "pgbouncer_config"
    package let help = "Settings of PgBouncer (SHOW CONFIG)"
    package let kind = ServerKind.pgbouncer
    package let cost = Cost.medium

    private static let value = Metric(
        "pgbouncer_config_value", help: "Settings that are numbers, or on (1) or off (0) (SHOW CONFIG.value)",
        labels: ["name"])
    private static let seconds = Metric(
        "pgbouncer_config_seconds", in: .seconds, help: "Settings that are times (SHOW CONFIG.value)",
        labels: ["name"])
    private static let bytes = Metric(
        "pgbouncer_config_bytes", in: .bytes, help: "Settings that are sizes (SHOW CONFIG.value)", labels: ["name"])

    /// Settings in seconds whose names do not say so.
    private static let times: Set = [
        "dns_max_ttl", "dns_nxdomain_ttl", "dns_zone_check_period", "server_check_delay", "server_lifetime",
        "server_login_retry", "stats_period", "query_wait_notify", "tcp_keepidle", "tcp_keepintvl",
    ]
    private static let sizes: Set = ["pkt_buf", "max_packet_size", "tcp_socket_buffer"]
    private static let noNumbers: Set = ["listen_port", "peer_id", "unix_socket_mode"]

    /// Makes the collector.
    package init() {}

    package var metrics: [Metric] { [Self.value, Self.seconds, Self.bytes] }

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        .steps([Step("SHOW CONFIG")])
    }

    package func makeReader(for timing: Timing) -> any Reader {
        ConfigReader()
    }

    private struct ConfigReader: Reader {
        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            for row in 0..<rows.count {
                guard let name = rows.text(row, "key"), !PgBouncerConfig.noNumbers.contains(name),
                    let text = rows.text(row, "value"), PgBouncerConfig.isNumber(text),
                    let number = rows.number(row, "value")
                else { continue }
                let labels = [(name: "name", value: name)]
                if name == "tcp_user_timeout" {
                    let seconds = Unit.milliseconds.base(number)
                    samples.add(seconds, to: PgBouncerConfig.seconds.name, labels: labels)
                } else if name.hasSuffix("_timeout") || PgBouncerConfig.times.contains(name) {
                    samples.add(number, to: PgBouncerConfig.seconds.name, labels: labels)
                } else if PgBouncerConfig.sizes.contains(name) {
                    samples.add(number, to: PgBouncerConfig.bytes.name, labels: labels)
                } else {
                    samples.add(number, to: PgBouncerConfig.value.name, labels: labels)
                }
            }
        }
    }

    /// Whether a text is a decimal number, as those of paths and names are not.
    private static func isNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        return digits.first?.isNumber == true
            && digits.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
            }
    }
}
