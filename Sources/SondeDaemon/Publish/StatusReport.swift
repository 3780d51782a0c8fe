import Sonde
import SondePostgres

/// How everything stands at one moment: what people see on the status page, and programs in `/status.json`.
struct StatusReport: Sendable {
    /// How one server stands.
    struct Server: Sendable {
        let name: String
        let kind: ServerKind
        let isUp: Bool
        /// Why it is not up; nil where it is, and before the first attempt has ended.
        let reason: ErrorClass?
        let detail: String
        /// What the server last said of itself; nil before it said anything.
        let facts: Facts?
        let lag: Lag
        let openConnections: Int
        let openedConnections: Int
        let failedConnections: [ErrorClass: Int]
        /// When the server's certificate ends, in seconds since 1970; nil without TLS.
        let certificateNotAfter: Double?
        /// When our certificate for the server ends, in seconds since 1970; nil without one.
        let clientCertificateNotAfter: Double?
        /// All but those that are for another kind of server.
        let collectors: [Collector]

        /// `primary` or `standby`; nil where that is not known, or makes no sense.
        var role: String? {
            guard kind == .postgresql, let facts else { return nil }
            return facts.isInRecovery ? "standby" : "primary"
        }

        /// When the server was started, in seconds since 1970; nil where it does not say.
        var upSince: Double? {
            facts.flatMap { $0.startTime > 0 ? $0.startTime : nil }
        }

        /// How many of the collectors are in a state.
        func count(_ states: Watch.State...) -> Int {
            collectors.count { states.contains($0.state) }
        }
    }

    /// How far behind, as collectors last measured it; nil where none did.
    struct Lag: Sendable {
        /// On a standby: the bytes of WAL that it has and has not replayed.
        var replayBytes: Double?
        /// On a standby: the age of what it last replayed.
        var replaySeconds: Double?
        /// Receivers of this server's WAL.
        var followers = 0
        /// The bytes of WAL that the last of them has not replayed.
        var followerBytes: Double?
    }

    /// How one collector stands on a server.
    struct Collector: Sendable {
        let name: String
        let help: String
        let state: Watch.State
        /// What is wrong or missing; empty if nothing.
        let detail: String
        /// The age of the numbers.
        let age: Duration?
        let every: Duration
        /// Whether it runs when a scrape asks for it.
        let isOnScrape: Bool
        let last: Watch.Report?
        /// The seconds that the last runs took, the oldest first.
        let durations: [Double]
        let errors: [ErrorClass: Int]
        let skipped: Int
        /// The time until the next run; nil where it waits to be asked, or runs now.
        let next: Duration?
    }

    /// Seconds since 1970.
    let time: Double
    /// When pgsonde was started, in seconds since 1970.
    let started: Double
    /// When the configuration was last read, and what was wrong with it.
    let reading: LastReading.Picture
    /// The configuration in force, as YAML without secrets.
    let configuration: String
    let telemetryPath: String
    let servers: [Server]
    /// How the collectors stand that ask no server; none where only one server was asked for.
    let local: [Collector]
    /// The only server that was asked for; nil where all were.
    let only: String?

    /// Looks at everything.
    ///
    /// - Parameters:
    ///   - source: what is in force.
    ///   - server: the only server to look at; nil for all.
    init(_ source: Source, of server: Int? = nil) {
        let now = ContinuousClock.now
        time = WallClock.now()
        reading = source.page.status.reading.look()
        started = ProcessMetrics.startTime ?? reading.time
        configuration = ConfigurationEncoder.text(source.configuration)
        telemetryPath = source.configuration.web.telemetryPath
        let status = source.page.status
        servers = (server.map { [$0] } ?? Array(status.watches.indices)).map {
            Self.server($0, status, source.page.store, source.pollers[$0], at: now)
        }
        if server == nil, let (places, watch) = status.local {
            let (picture, planned) = (watch.look(), source.localPoller?.plannedRuns() ?? [:])
            local = places.map { Self.collector($0, picture, status, next: planned[$0], at: now) }
        } else {
            local = []
        }
        only = server.map { status.watches[$0].name }
    }

    /// What a report is made of.
    struct Source: Sendable {
        let configuration: Configuration
        let page: Page
        /// One per server.
        let pollers: [Poller]
        /// Polls what asks no server.
        let localPoller: LocalPoller?
    }

    private static func server(
        _ index: Int, _ status: Status, _ store: Store, _ poller: Poller, at now: ContinuousClock.Instant
    ) -> Server {
        let watch = status.watches[index]
        let picture = watch.look()
        let planned = poller.plannedRuns()
        let places = status.registry.entries.indices.filter { status.registry.entries[$0].collector.asks(watch.kind) }
        let collectors = places.map {
            collector($0, picture, status, isOnScrape: poller.runsOnScrape.contains($0), next: planned[$0], at: now)
        }
        return Server(
            name: watch.name, kind: watch.kind, isUp: picture.isUp(at: now, base: watch.base),
            reason: picture.reason(at: now, base: watch.base), detail: picture.failureDetail, facts: picture.facts,
            lag: Lag(store, server: index, at: now), openConnections: picture.open,
            openedConnections: picture.opened, failedConnections: picture.failed,
            certificateNotAfter: picture.certificateNotAfter,
            clientCertificateNotAfter: picture.clientCertificateNotAfter, collectors: collectors)
    }

    private static func collector(
        _ place: Int, _ picture: Watch.Picture, _ status: Status, isOnScrape: Bool = false,
        next: ContinuousClock.Instant?, at now: ContinuousClock.Instant
    ) -> Collector {
        let collector = status.registry.entries[place].collector
        let timing = status.timings[place]
        let condition = picture.conditions[place]
        return Collector(
            name: collector.name, help: collector.help,
            state: condition.state(at: now, expire: picture.expiry(timing, of: collector)),
            detail: condition.last?.detail ?? "", age: condition.lastSuccess.map { now - $0 }, every: timing.every,
            isOnScrape: isOnScrape, last: condition.last, durations: condition.durations.seconds,
            errors: condition.errors, skipped: condition.skipped, next: next.map { max(.zero, $0 - now) })
    }
}

extension StatusReport.Lag {
    /// Reads what is on the page of it.
    init(_ store: Store, server: Int, at now: ContinuousClock.Instant) {
        let values = { (family: String) in
            store.texts(of: family, server: server, at: now).flatMap { PublishedSample.samples(in: $0) }.map(\.value)
        }
        replayBytes = values("pg_recovery_replay_lag_bytes").first
        replaySeconds = values("pg_recovery_replay_age_seconds").first
        let followers = values("pg_replication_replay_lag_bytes")
        self.followers = followers.count
        followerBytes = followers.max()
    }
}
