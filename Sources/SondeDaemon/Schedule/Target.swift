import Logging
import Sonde
import SondePostgres

/// One server to poll, and everything that its poller works with.
struct Target: Sendable {
    /// The server's place among the servers.
    let index: Int
    let server: Configuration.Server
    let registry: Registry
    /// The times in force, collector by collector.
    let timings: [Timing]
    /// The collectors that run, by their place in the registry.
    let enabled: Set<Int>
    /// Those of them that run only when a scrape asks for them.
    let onScrape: Set<Int>
    /// What the collectors that run want to know before they plan.
    let questions: Questions
    /// The rows by name that all databases of the server share, collector by collector.
    var places: [Int: Places]
    /// Whether samples carry the server's name.
    let isLabelled: Bool
    /// What there is to know of the second name set.
    let second: SecondSet
    /// The interval at which the server is asked whether it is there: that of the collectors that run most often, or a shorter one.
    let base: Duration
    let store: Store
    let watch: Watch
    /// Counts the threads of this server's sessions that hang inside libpq.
    let threads: AbandonedThreads
    /// Counts the sessions that this server may have of ours.
    let slots: Slots
    /// Bounds the logins to visit databases.
    let logins: LoginRate
    let logger: Logger
    /// Who looks at what is about to be run; nobody, in a daemon.
    var inspector: (any Inspector)?

    /// What notes how collectors' runs went.
    var reports: Reports { Reports(registry: registry, watch: watch, logger: logger) }

    /// The time after a visit that reached the server at which it is asked again, even if nothing is due.
    ///
    /// So much shorter than the base interval that a server that falls silent just after a poll is known to be down within one.
    var heartbeat: Duration { base > .seconds(10) ? base - .seconds(5) : base }

    /// Notes that the server answered.
    func noteReply(at instant: ContinuousClock.Instant = .now) {
        guard watch.noteReply(at: instant), let unsaid = watch.logs(isNews: true) else { return }
        logger.notice("the server answers again", metadata: metadata(repeated: unsaid))
    }

    /// Says once that what the user wrote runs as a superuser, if it does.
    func warnOfSuperuser() {
        guard !watch.look().isSuperuserTold else { return }
        let own = enabled.filter { registry.entries[$0].origin != Registry.Entry.builtIn }
        guard !own.isEmpty,
            watch.note({ picture in
                defer { picture.isSuperuserTold = true }
                return !picture.isSuperuserTold
            })
        else { return }
        let names = own.map { registry.entries[$0].collector.name }.sorted()
        logger.warning(
            """
            the role is a superuser, and SQL that is not pgsonde's own runs as it, which may read and do nearly anything: \
            \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? " and \(names.count - 5) more" : ""). Give pgsonde a \
            role that is none: pgsonde prepare-db makes one
            """, metadata: metadata())
    }

    /// What a line of the log on the server carries.
    ///
    /// - Parameter unsaid: how often there was no such line since the last one.
    /// - Returns: the server's name, and that number unless it is 0.
    func metadata(repeated unsaid: Int = 0) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["server": "\(server.name)"]
        if unsaid > 0 { metadata["repeated"] = "\(unsaid)" }
        return metadata
    }

    /// How long a collector's numbers live; those of many databases come less often than their interval says.
    func expiry(of collector: Int) -> Duration {
        watch.look().expiry(timings[collector], of: registry.entries[collector].collector)
    }

    /// The lane that a collector runs in: what may take long must not hold up what tells whether the server is there.
    func lane(of collector: Int) -> Timetable.Lane {
        let entry = registry.entries[collector].collector
        let isShort = timings[collector].timeout <= Cost.medium.timing.timeout
        return entry.per == .server && entry.cost != .heavy && isShort ? .fast : .slow
    }

    /// The collectors that are the same under another configuration in which the server is: their places there, by those here.
    ///
    /// Their samples begin with the same labels, so that what is on the page, and what is remembered, is still right.
    func moves(to next: Target) -> [Int: Int] {
        var places: [String: Int] = [:]
        for index in next.enabled { places[next.registry.entries[index].collector.name] = index }
        var moves: [Int: Int] = [:]
        for index in enabled {
            let collector = registry.entries[index].collector
            guard let place = places[collector.name],
                Self.isSame(collector, next.registry.entries[place].collector),
                labels(of: index, database: nil).elementsEqual(next.labels(of: place, database: nil), by: ==)
            else { continue }
            moves[index] = place
        }
        return moves
    }

    /// Whether two collectors do the same; those in code are the program's own and differ by what the user sets only.
    private static func isSame(_ one: any Collector, _ other: any Collector) -> Bool {
        if let one = one as? Definition, let other = other as? Definition { return one == other }
        return type(of: one) == type(of: other) && one.limit == other.limit && one.metrics == other.metrics
            && one.questions == other.questions
    }

    /// The labels that every sample of a collector begins with.
    func labels(of collector: Int, database: String?) -> [(name: String, value: String)] {
        let isAlways = second.labelled.contains(collector)
        var labels = isLabelled || isAlways ? [(name: "server", value: server.name)] : []
        if isAlways { labels += second.constantLabels }
        if let database { labels.append((name: "datname", value: database)) }
        return labels
    }

    /// The settings of a session in a database.
    ///
    /// - Parameters:
    ///   - database: nil for the one that the user named.
    ///   - password: one that was read just now.
    ///   - statementTimeout: the server's own limit, beyond the deadlines that we keep ourselves.
    /// - Returns: where and how to connect.
    func settings(database: String?, password: String?, statementTimeout: Duration) -> ConnectionSettings {
        var keywords = server.keywords
        if let database { keywords["dbname"] = database }
        if let password { keywords["password"] = password }
        let way: ConnectionSettings.Way =
            switch server.kind {
            case .postgresql: server.pooled ? .pooled : .direct
            case .pgbouncer: .console
            }
        return ConnectionSettings(keywords: keywords, way: way, statementTimeout: statementTimeout)
    }

    /// The collectors among some that run in a database: of those that the user wants visited, one that is theirs; the second name
    /// set's may be for one database only.
    func collectors(_ collectors: [Int], in database: String, home: String) -> [Int] {
        collectors.filter { collector in
            (second.homeOnly.contains(collector) ? database == home : visits(database))
                && registry.entries[collector].collector.databases.contains(database)
        }
    }

    /// Whether a database is one of those that the user wants visited.
    func visits(_ database: String) -> Bool { server.visits(database) }
}
