import Logging
import Sonde
import SondePostgres

/// Visits a server for one lane: holds the lane's one session, plans, asks, and hands over what came back.
actor Visitor {
    /// What a visit came to.
    struct Visit: Sendable {
        /// Whether the server gave any reply.
        var isReached = false
        /// Whether the server is not what it was at the last visit.
        var hasNewFacts = false
        var endings: [Int: Timetable.Ending] = [:]
        var reports: [Int: Watch.Report] = [:]
    }

    /// The longest life of a session: a backend's memory grows with every relation that it has looked at.
    private static let lifetime = Duration.seconds(3_600)
    private static let connectTimeout = Duration.seconds(5)
    private static let closeTimeout = Duration.milliseconds(500)

    private struct Session {
        let connection: Connection
        /// nil for the database that the user named.
        let database: String?
        let opened: ContinuousClock.Instant
    }

    private let target: Target
    private let lane: Timetable.Lane
    private var session: Session?
    /// What is remembered of each database, by its name; nil for the one that the user named.
    private var memories: [String?: Memory] = [:]
    /// The name of the database that the user named, perhaps by its absence.
    private var home: String? { memories[nil]?.facts?.database }

    init(_ target: Target, lane: Timetable.Lane) {
        self.target = target
        self.lane = lane
    }

    /// Runs collectors, each where it belongs.
    func visit(_ collectors: [Int]) async -> Visit {
        var visit = Visit()
        let scope = { (collector: Int) in self.target.registry.entries[collector].collector.per }
        let perServer = collectors.filter { scope($0) == .server }
        let perDatabase = collectors.filter { scope($0) == .database }
        if !perServer.isEmpty, await enter(nil, &visit) { await run(perServer, in: nil, &visit) }
        if !perDatabase.isEmpty { await runEverywhere(perDatabase, &visit) }
        return visit
    }

    /// Closes the session.
    func leave() async {
        guard let session else { return }
        self.session = nil
        await session.connection.close(within: Self.closeTimeout)
        target.watch.note { $0.open -= 1 }
    }

    /// Visits every database, the one that the user named first since there is a session in it.
    private func runEverywhere(_ collectors: [Int], _ visit: inout Visit) async {
        guard await enter(nil, &visit), let named = session?.connection else { return }
        if home == nil { await run([], in: nil, &visit) }
        guard let home else { return }
        let sink = TextSink(column: "datname")
        let job = Job(
            step: 0, sql: DatabasesQuery.sql, collector: "databases", timeout: .seconds(5), prepared: true)
        let outcomes = await named.run([job], into: sink)
        await settle(outcomes, &visit)
        guard outcomes.first?.error == nil, outcomes.first?.wasRun == true else { return }
        let databases = sink.texts.filter { target.visits($0) }
        let ordered = databases.filter { $0 == home } + databases.filter { $0 != home }
        for database in ordered where !Task.isCancelled {
            if await enter(database == home ? nil : database, &visit) {
                await run(collectors, in: database, &visit)
            } else {
                // An unreachable database costs its own metrics only, unless the server itself is gone.
                guard visit.isReached else { break }
                for collector in collectors { visit.endings[collector] = .failed }
            }
        }
        // A session in another database would bar DROP DATABASE.
        if session?.database != nil { await leave() }
        forget(allBut: Set(databases), of: collectors)
    }

    /// Runs collectors in the session's database.
    ///
    /// - Parameter database: the `datname` label of collectors that run per database.
    private func run(_ collectors: [Int], in database: String?, _ visit: inout Visit) async {
        guard let session else { return }
        // Named statements pay off in sessions that stay.
        let batch = Batch(
            target: target, connection: session.connection, database: database, isLasting: session.database == nil)
        let result = await batch.run(collectors, memory: memories[session.database] ?? Memory())
        memories[session.database] = result.memory
        await settle(result.outcomes, &visit)
        visit.hasNewFacts = visit.hasNewFacts || result.hasNewFacts
        if session.database == nil { target.watch.note { $0.facts = result.memory.facts } }
        visit.reports.merge(result.reports) { $0.adding($1) }
        // A collector that failed in one database has failed.
        visit.endings.merge(result.endings) { $0 == .succeeded ? $1 : $0 }
    }

    /// Takes what databases showed that are no longer there off the page.
    private func forget(allBut databases: Set<String>, of collectors: [Int]) {
        for collector in collectors {
            target.store.keep(
                only: databases, of: collector, server: target.index,
                metrics: target.registry.entries[collector].collector.metrics.count)
        }
        memories = memories.filter { key, _ in key.map(databases.contains) ?? true }
    }

    /// Makes sure of a session in a database.
    ///
    /// - Returns: whether there is one.
    private func enter(_ database: String?, _ visit: inout Visit) async -> Bool {
        if let session {
            let isFresh = ContinuousClock.now - session.opened < Self.lifetime
            if session.database == database, isFresh, session.connection.isOpen { return true }
            await leave()
        }
        do {
            let password = try await Credentials.password(of: target.server)
            let timeouts = target.enabled.filter { target.lane(of: $0) == lane }.map { target.timings[$0].timeout }
            let settings = target.settings(
                database: database, password: password, statementTimeout: timeouts.max() ?? .seconds(5))
            let logger = target.logger
            let connection = Connection(settings, threads: target.threads) { notice in logger.debug("notice from the server: \(notice)") }
            try await connection.open(within: Self.connectTimeout)
            session = Session(connection: connection, database: database, opened: .now)
            target.watch.note {
                $0.open += 1
                $0.opened += 1
            }
            return true
        } catch {
            let error = error as? PostgresError ?? PostgresError(.other, message: "\(error)")
            target.watch.note { $0.failed[error.errorClass, default: 0] += 1 }
            // A refusal with an error code is an answer all the same, but not one to a query.
            if database == nil || error.sqlstate == nil { fell(silent: error) }
            if database != nil { target.logger.warning("cannot connect to a database: \(error)", metadata: metadata) }
            return false
        }
    }

    private var metadata: Logger.Metadata { ["server": "\(target.server.name)"] }

    private func fell(silent error: PostgresError) {
        if target.watch.noteSilence(error) {
            target.logger.warning("the server does not answer: \(error)", metadata: metadata)
        }
    }

    /// Draws conclusions from a batch: was there any reply, and is the session still good?
    private func settle(_ outcomes: [Outcome], _ visit: inout Visit) async {
        let replied = outcomes.contains { $0.wasRun && ($0.error == nil || $0.error?.sqlstate != nil) }
        if replied {
            if target.watch.look().failure != nil {
                target.logger.notice("the server answers again", metadata: metadata)
            }
            target.watch.noteReply()
            visit.isReached = true
        } else if let error = outcomes.lazy.compactMap(\.error).first {
            fell(silent: error)
            visit.isReached = false
        }
        guard let session, !session.connection.isOpen else { return }
        let lost = outcomes.lazy.compactMap(\.error).first?.errorClass ?? .network
        target.watch.note { $0.failed[lost, default: 0] += 1 }
        await leave()
    }
}
