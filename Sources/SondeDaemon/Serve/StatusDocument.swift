import Sonde
import SondePostgres

/// The status as JSON, for scripts: `/status.json`.
struct StatusDocument {
    let report: StatusReport

    /// The document.
    var json: JSON {
        .object([
            ("version", .text(Build.version)),
            ("time", .number(report.time)),
            ("started", .number(report.started)),
            (
                "reading",
                .object([
                    ("time", .number(report.reading.time)),
                    ("in_force", .bool(report.reading.isInForce)),
                    ("problems", .list(report.reading.problems.map { .text($0) })),
                ])
            ),
            ("servers", .list(report.servers.map(server))),
            ("local_collectors", .list(report.local.map(collector))),
            ("configuration", .text(report.configuration)),
        ])
    }

    private func server(_ server: StatusReport.Server) -> JSON {
        .object([
            ("name", .text(server.name)),
            ("kind", .text(server.kind.rawValue)),
            ("up", .bool(server.isUp)),
            ("reason", .text(server.reason?.rawValue)),
            ("detail", .text(server.detail)),
            ("version", .text(server.facts?.version.description)),
            ("role", .text(server.role)),
            ("up_since", .number(server.upSince)),
            ("certificate_not_after", .number(server.certificateNotAfter)),
            ("client_certificate_not_after", .number(server.clientCertificateNotAfter)),
            (
                "lag",
                .object([
                    ("replay_bytes", .number(server.lag.replayBytes)),
                    ("replay_age_seconds", .number(server.lag.replaySeconds)),
                    ("followers", .integer(server.lag.followers)),
                    ("furthest_follower_bytes", .number(server.lag.followerBytes)),
                ])
            ),
            (
                "connections",
                .object([
                    ("open", .integer(server.openConnections)),
                    ("opened", .integer(server.openedConnections)),
                    ("failed", Self.counts(server.failedConnections)),
                ])
            ),
            ("collectors", .list(server.collectors.map(collector))),
        ])
    }

    private func collector(_ collector: StatusReport.Collector) -> JSON {
        guard collector.state != .disabled else {
            return .object([("name", .text(collector.name)), ("state", .text(collector.state.rawValue))])
        }
        let seconds = { (duration: Duration?) in JSON.number(duration.map { $0 / .seconds(1) }) }
        return .object([
            ("name", .text(collector.name)),
            ("state", .text(collector.state.rawValue)),
            ("detail", .text(collector.detail)),
            ("age_seconds", seconds(collector.age)),
            ("every_seconds", seconds(collector.every)),
            ("on_scrape", .bool(collector.isOnScrape)),
            ("next_seconds", seconds(collector.next)),
            ("duration_seconds", seconds(collector.last?.duration)),
            ("durations_seconds", .list(collector.durations.map { .number($0) })),
            ("rows", collector.last.map { .integer($0.counts.rows) } ?? .null),
            ("series", collector.last.map { .integer($0.counts.series) } ?? .null),
            ("bytes", collector.last.map { .integer($0.bytes) } ?? .null),
            ("errors", Self.counts(collector.errors)),
            ("skipped_runs", .integer(collector.skipped)),
        ])
    }

    private static func counts(_ errors: [ErrorClass: Int]) -> JSON {
        .object(errors.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, .integer($0.value)) })
    }
}
