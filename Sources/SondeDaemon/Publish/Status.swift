import NIOCore
import Sonde
import SondePostgres
import Synchronization

/// Renders what pgsonde says about the servers and about itself, anew for each scrape since ages grow.
struct Status: Sendable {
    let registry: Registry
    /// The times in force of each collector.
    let timings: [Timing]
    let watches: [Watch]
    /// Whether samples carry the server's name.
    let isLabelled: Bool
    let scrapes: ScrapeCount
    let reading: LastReading
    /// What there is to know of the second name set.
    var second = SecondSet()
    var output: FFWDOutput?
    var security = WebGuard()
    /// How the collectors stand that ask no server.
    var local: (collectors: [Int], watch: Watch)?

    /// How all stands, in a sentence.
    func sentence(at now: ContinuousClock.Instant) -> String {
        let up = watches.count { $0.look().isUp(at: now, base: $0.base) }
        let servers = "\(up) of \(watches.count) \(watches.count == 1 ? "server answers" : "servers answer")"
        var parts = [servers]
        if !reading.look().isInForce { parts.append("the configuration on disk has mistakes and is not in force") }
        if !security.isCurrent { parts.append("the web configuration on disk has mistakes and is not in force") }
        return parts.joined(separator: "; ")
    }

    /// The families at the head of the page.
    ///
    /// - Parameter labels: those that the user gives `pg_up`.
    /// - Returns: the families.
    static func headMetrics(labels: [String] = []) -> [Metric] {
        [
            Metric(
                "pg_up", help: "Whether the server answered within the last two intervals (a query of pgsonde's own)",
                labels: labels),
            Metric(
                "pgbouncer_up", help: "Whether the PgBouncer answered within the last two intervals (SHOW VERSION)"),
            Metric(
                "pgsonde_server_failure",
                help: "Why the server last gave no answer: 1 for the reason, 0 for the others", labels: ["reason"]),
        ]
    }

    /// The text at the head and at the tail of the page of one server, or of all.
    func text(at now: ContinuousClock.Instant, of server: Int? = nil) -> (head: ByteBuffer, tail: ByteBuffer) {
        var head = Samples(metrics: Self.headMetrics(labels: second.constantLabels.map(\.name)))
        var tail = Samples(
            metrics: SelfMetrics.all + ProcessMetrics.all + (second.isShown ? ForeignMetrics.all(second) : []))
        for watch in server.map({ [watches[$0]] }) ?? watches {
            let picture = watch.look()
            let labels = isLabelled && server == nil ? [(name: "server", value: watch.name)] : []
            let isUp = picture.isUp(at: now, base: watch.base)
            if watch.kind == .pgbouncer {
                head.add(isUp ? 1 : 0, to: "pgbouncer_up", labels: labels)
            } else {
                head.add(isUp ? 1 : 0, to: "pg_up", labels: labels + second.constantLabels)
            }
            for reason in ErrorClass.allCases {
                let failure = picture.reason(at: now, base: watch.base)
                head.add(
                    failure == reason ? 1 : 0, to: "pgsonde_server_failure",
                    labels: labels + [(name: "reason", value: reason.rawValue)])
            }
            SelfMetrics.add(
                picture, of: watch.kind, labels: labels, at: now, registry: registry, timings: timings, to: &tail)
            if second.isShown, watch.kind == .postgresql {
                ForeignMetrics.add(picture, second, isUp: isUp, labels: labels, to: &tail)
            }
        }
        if let local, server == nil {
            SelfMetrics.add(
                local.collectors, local.watch.look(), labels: [], at: now, registry: registry, timings: timings,
                to: &tail)
        }
        let reading = reading.look()
        if second.isShown { ForeignMetrics.add(reading, second, to: &tail) }
        SelfMetrics.add(scrapes, to: &tail)
        SelfMetrics.add(reading, to: &tail)
        if let output { SelfMetrics.add(output, named: "ffwd", to: &tail) }
        SelfMetrics.add(security, to: &tail)
        ProcessMetrics.add(to: &tail)
        return (Self.render(&head), Self.render(&tail))
    }

    private static func render(_ samples: inout Samples) -> ByteBuffer {
        var text = ByteBuffer()
        for (index, metric) in samples.metrics.enumerated() where samples.size(of: index) > 0 {
            text.writeBytes(metric.header)
            unsafe samples.withText(of: index) { piece in unsafe text.writeBytes(piece) }
        }
        return text
    }
}

/// What scrapes have cost since the start.
final class ScrapeCount: Sendable {
    struct Totals: Sendable {
        var count = 0
        var bytes = 0
        var seconds = 0.0
    }

    private let totals = Mutex(Totals())

    func add(bytes: Int, duration: Duration) {
        totals.withLock {
            $0.count += 1
            $0.bytes += bytes
            $0.seconds += duration / .seconds(1)
        }
    }

    func look() -> Totals {
        totals.withLock { $0 }
    }
}
