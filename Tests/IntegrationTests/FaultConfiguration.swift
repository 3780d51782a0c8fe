import Sonde
import SondeCollectors

/// The text of a configuration in which everything happens often.
struct FaultConfiguration {
    /// The items of `servers`, each of several lines.
    var servers: [String]
    /// The interval of light and medium collectors that run once per server; nil for their own.
    var every: String? = "1s"
    /// The interval of all others.
    var slow: String? = "2s"
    /// Collectors that are switched off.
    var without: Set<String> = []
    /// Collectors that are switched on.
    var with: Set<String> = []
    /// Whether only those of the fast lane run.
    var onlyFast = false
    /// How many relations are shown by name; nil for the collectors' own limits.
    var limit: Int?
    /// Further lines.
    var more = ""

    /// Those that want more than a member of pg_monitor has, and are `unavailable` without it.
    static let beyondMonitor = Set(
        Builtin.collectors.filter { !$0.questions.privileges.isEmpty }.map { $0.name })

    var text: String {
        var lines = ["servers:"]
        for server in servers {
            lines += server.split(separator: "\n").enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
        }
        lines.append("collectors:")
        for collector in Builtin.collectors {
            let isFast = collector.per == .server && collector.cost != .heavy
            if without.contains(collector.name) || onlyFast && !isFast {
                lines.append("  \(collector.name): false")
            } else if let interval = isFast ? every : slow {
                let more = collector.limit != nil ? limit.map { ", limit: \($0)" } ?? "" : ""
                let switched = with.contains(collector.name) ? ", enabled: true" : ""
                lines.append("  \(collector.name): {every: \(interval)\(more)\(switched)}")
            }
        }
        return (lines + [more, ""]).joined(separator: "\n")
    }

    /// An item of `servers`.
    static func server(
        _ name: String, host: String = "127.0.0.1", port: Int, role: String = "monitor", more: String = ""
    ) -> String {
        "name: \(name)\ndsn: host=\(host) port=\(port) user=\(role) password=\(role) dbname=postgres\n\(more)"
    }

    static func server(
        _ fault: FaultServer, name: String = "main", role: String = "monitor", more: String = ""
    ) -> String {
        server(name, host: fault.server.host, port: fault.server.port, role: role, more: more)
    }
}
