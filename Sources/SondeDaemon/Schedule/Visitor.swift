import Logging
import Sonde
import SondePostgres

/// Visits a server for one lane: holds the lane's one session, plans, asks, and hands over what came back.
actor Visitor {
    /// What a visit came to.
    struct Visit: Sendable {
        /// Whether the server gave any reply, and did not fall silent after it.
        var isReached = false
        /// Whether the server is not what it was at the last visit.
        var hasNewFacts = false
        var endings: [Int: Timetable.Ending] = [:]
        var reports: [Int: Watch.Report] = [:]
        /// The collectors in code that did not end in time, which other databases are not asked about.
        var overran: Set<Int> = []
    }

    /// The longest life of a session: a backend's memory grows with every relation that it has looked at.
    private static let lifetime = Duration.seconds(3_600)
    private static let connectTimeout = Duration.seconds(5)
    /// The time from one search of all databases to the next.
    private static let searchInterval = Duration.seconds(600)
    private static let closeTimeout = Duration.milliseconds(500)

    private struct Session {
        let connection: Connection
        /// nil for the database that the user named.
        let database: String?
        let opened: ContinuousClock.Instant
        /// Whether anything has been asked in it.
        var isUsed = false
        /// Whether the server was asked in it what it is.
        var isKnown = false
    }

    private var target: Target
    private let lane: Timetable.Lane
    private let pulse: Pulse
    private var session: Session?
    /// Visits without an end since the last one that had one.
    private var failures = 0
    /// What is remembered of each database, by its name; nil for the one that the user named.
    private var memories: [String?: Memory] = [:]
    /// The databases that collectors were found to run in that run in any one; those that run in the user's are not here.
    private var havens: [Int: String] = [:]
    /// When all databases were last searched for what such collectors need.
    private var searched: ContinuousClock.Instant?
    /// The name of the database that the user named, perhaps by its absence.
    private var home: String? { memories[nil]?.facts?.database }

    init(_ target: Target, lane: Timetable.Lane, pulse: Pulse) {
        self.target = target
        self.lane = lane
        self.pulse = pulse
    }

    /// Goes on for another configuration in which the server is the same; without effect where it is the one in force.
    func follow(_ next: Target) async {
        guard next.store !== target.store else { return }
        let moves = target.moves(to: next)
        let limit = statementTimeout
        let last = target
        target = next
        // The server would end what may take longer now.
        if statementTimeout > limit { await leave() }
        memories = memories.mapValues { memory in
            var memory = memory.moved(by: moves) { old in
                moves[old].map { last.timings[old] != next.timings[$0] } ?? true
            }
            // What was not asked would look as if it were not there.
            if last.questions != next.questions { memory.facts = nil }
            return memory
        }
        havens = havens.reduce(into: [:]) { havens, haven in
            if let collector = moves[haven.key] { havens[collector] = haven.value }
        }
        searched = nil
    }

    /// Runs collectors, each where it belongs; without any, asks whether the server is there.
    ///
    /// - Parameters:
    ///   - collectors: by their places in the target's registry.
    ///   - target: the server, and the configuration in force.
    /// - Returns: what came of it.
    func visit(_ collectors: [Int], for target: Target) async -> Visit {
        await follow(target)
        var visit = Visit()
        let scope = { (collector: Int) in self.target.registry.entries[collector].collector.per }
        let perServer = collectors.filter { scope($0) == .server }
        let perDatabase = collectors.filter { scope($0) == .database }
        let anywhere = collectors.filter { scope($0) == .anywhere }
        do throws(PostgresError) {
            try await enter(nil)
            if !perServer.isEmpty || perDatabase.isEmpty && anywhere.isEmpty {
                try await run(perServer, in: nil, &visit)
            }
            if !perDatabase.isEmpty { try await runEverywhere(perDatabase, &visit) }
            if !anywhere.isEmpty { try await runAnywhere(anywhere, &visit) }
            failures = 0
        } catch {
            visit.isReached = false
            failures += 1
            // The other lane's session may show that the server is up; that this one cannot be had is then seen by its
            // collectors. Not at the first silence, though: it may be the whole server's, and not yet found out there.
            let isOurs = error.sqlstate != nil || error.errorClass == .tooManyConnections || failures > 1
            if lane == .slow, isOurs, target.watch.look().failure == nil {
                for collector in collectors where visit.reports[collector] == nil {
                    visit.reports[collector] = Watch.Report(failure: error)
                }
            }
        }
        return visit
    }

    /// Closes the session.
    func leave() async {
        guard let session else { return }
        self.session = nil
        let isGone = await session.connection.close(within: Self.closeTimeout)
        target.watch.note { $0.open -= 1 }
        // A pooler's sessions are the pooler's business.
        if isGone || !target.server.hasSessions {
            target.slots.release()
        } else {
            let limit = statementTimeout + .seconds(5)
            target.slots.release(unseen: session.connection.processID ?? 0, until: .now + limit)
        }
    }

    // MARK: Asking

    /// Visits every database, the one that the user named first since there is a session in it.
    ///
    /// - Throws: where the server cannot be reached any more; what was not visited by then is to be run again.
    private func runEverywhere(_ collectors: [Int], _ visit: inout Visit) async throws(PostgresError) {
        try await enter(nil)
        if home == nil { try await run([], in: nil, &visit) }
        guard let home, let databases = try await databases(for: collectors, &visit) else { return }
        let places = databases.map { ($0, target.collectors(collectors, in: $0, home: home)) }.filter { !$0.1.isEmpty }
        do throws(PostgresError) {
            let others = places.count { $0.0 != home }
            target.logins.noteRound(of: others)
            target.watch.note { [round = target.logins.round] in $0.round = round }
            let ordered = places.filter { $0.0 == home } + places.filter { $0.0 != home }
            for (database, collectors) in ordered where !Task.isCancelled {
                let collectors = collectors.filter { !visit.overran.contains($0) }
                if !collectors.isEmpty { try await run(collectors, inDatabase: database, home: home, &visit) }
            }
        } catch {
            // What some databases gave is not asked for again before its time, for it may be dear.
            for collector in collectors { visit.endings[collector] = visit.endings[collector].map { $0.with(.notRun) } }
            throw error
        }
        await leaveElsewhere()
        for collector in collectors where !places.contains(where: { $0.1.contains(collector) }) {
            var report = Watch.Report()
            report.state = .unavailable
            report.detail = "needs a database that its own databases, and those of the server, include: there is none"
            visit.reports[collector] = report
            visit.endings[collector] = .succeeded
        }
        for collector in collectors {
            forget(allBut: Set(places.filter { $0.1.contains(collector) }.map(\.0)), of: collector)
        }
        let known = Set(databases)
        memories = memories.filter { key, _ in key.map(known.contains) ?? true }
    }

    /// The databases that can be visited; nil where they cannot be read, which is then the collectors' failure.
    private func databases(for collectors: [Int], _ visit: inout Visit) async throws(PostgresError) -> [String]? {
        let sink = TextSink(column: "datname")
        let job = Job(
            step: 0, sql: DatabasesQuery.sql, collector: "databases", timeout: .seconds(5), prepared: true)
        let outcomes = try await ask { connection in await connection.run([job], into: sink, pulse: self.pulse) }
        try await settle(outcomes, &visit)
        if let error = outcomes.first?.error {
            for collector in collectors { visit.reports[collector] = Watch.Report(failure: error) }
            return nil
        }
        return sink.texts
    }

    /// Runs collectors in the user's database, or where that does not have what they need, in the first other that does.
    ///
    /// - Throws: where the server cannot be reached any more.
    private func runAnywhere(_ collectors: [Int], _ visit: inout Visit) async throws(PostgresError) {
        for database in Set(havens.values) {
            let guests = collectors.filter { havens[$0] == database }
            guard !guests.isEmpty else { continue }
            for collector in try await runIfThere(guests, database, &visit) {
                havens[collector] = nil
                searched = nil
            }
        }
        let strays = collectors.filter { havens[$0] == nil }
        guard !strays.isEmpty else { return await leaveElsewhere() }
        try await enter(nil)
        try await run(strays, in: nil, &visit)
        var missing = strays.filter { visit.reports[$0]?.state == .unavailable }
        let isDue = searched.map { ContinuousClock.now - $0 >= Self.searchInterval } ?? true
        guard !missing.isEmpty, isDue, let home, let databases = try await databases(for: [], &visit) else { return }
        searched = .now
        for database in databases where database != home && target.visits(database) {
            guard !missing.isEmpty, !Task.isCancelled else { break }
            let still = try await runIfThere(missing, database, &visit)
            for collector in missing where !still.contains(collector) { havens[collector] = database }
            missing = still
        }
        await leaveElsewhere()
    }

    /// Closes the session unless it is in the user's database: in another one it would bar DROP DATABASE.
    private func leaveElsewhere() async {
        if session?.database != nil { await leave() }
    }

    /// Runs collectors in another database than the user's.
    ///
    /// - Returns: those that do not find there what they need.
    /// - Throws: where it is the server that cannot be reached any more.
    private func runIfThere(
        _ collectors: [Int], _ database: String, _ visit: inout Visit
    ) async throws(PostgresError) -> [Int] {
        do throws(PostgresError) {
            try await enter(database)
        } catch {
            guard error.sqlstate != nil, error.errorClass != .tooManyConnections else { throw error }
            return collectors
        }
        var trial = Visit()
        try await run(collectors, in: nil, &trial)
        visit.isReached = visit.isReached || trial.isReached
        visit.hasNewFacts = visit.hasNewFacts || trial.hasNewFacts
        let missing = collectors.filter { trial.reports[$0]?.state == .unavailable }
        for collector in collectors where !missing.contains(collector) {
            visit.reports[collector] = trial.reports[collector]
            visit.endings[collector] = trial.endings[collector]
        }
        // What is wrong where there is more of what is needed says more.
        for collector in missing {
            guard let report = trial.reports[collector], !report.detail.hasPrefix("needs extension") else { continue }
            visit.reports[collector] = report
        }
        return missing
    }

    /// Runs collectors in one of all databases; one that cannot be entered costs its own metrics only.
    ///
    /// - Throws: where it is the server that cannot be reached any more.
    private func run(
        _ collectors: [Int], inDatabase database: String, home: String, _ visit: inout Visit
    ) async throws(PostgresError) {
        do throws(PostgresError) {
            try await enter(database == home ? nil : database)
        } catch {
            // A refusal of this database; or it was dropped since the list was made.
            guard database != home, error.sqlstate != nil, error.errorClass != .tooManyConnections else { throw error }
            guard error.sqlstate != "3D000" else { return }
            var named = error
            named.message = "database \(database): \(error.message)"
            for collector in collectors {
                let report = Watch.Report(failure: named)
                visit.reports[collector] = visit.reports[collector]?.adding(report) ?? report
                visit.endings[collector] = .failed
            }
            return
        }
        try await run(collectors, in: database, &visit)
    }

    /// Runs collectors in the session's database; its name is the `datname` label of those that run per database.
    ///
    /// - Throws: where the server fell silent.
    private func run(_ collectors: [Int], in database: String?, _ visit: inout Visit) async throws(PostgresError) {
        guard let key = session?.database as String?? else { return }
        let memory = memories[key] ?? Memory()
        var result = Batch.Result(memory: memory)
        _ = try await ask { connection in
            // Named statements pay off in sessions that stay. Those that do not stay would ask for the facts alone each time.
            let isOther = connection.serverVersion != memory.facts?.version
            let isFirst = self.session?.isKnown == false
            self.session?.isKnown = true
            let batch = Batch(
                target: self.target, connection: connection, pulse: self.pulse, database: database,
                isLasting: key == nil,
                isFirst: isFirst && (key == nil || isOther))
            result = await batch.run(collectors, memory: memory)
            return result.outcomes
        }
        memories[key] = result.memory
        if let before = memory.origin, result.memory.origin?.isOfAnotherServer(than: before) == true {
            // What is remembered of the other databases are the other server's numbers, too.
            for other in memories.keys where other != key { memories[other]?.readers = [:] }
        }
        visit.hasNewFacts = visit.hasNewFacts || result.hasNewFacts
        if key == nil { target.watch.note { [facts = result.memory.facts] in $0.facts = facts } }
        visit.reports.merge(result.reports) { $0.adding($1) }
        visit.endings.merge(result.endings) { $0.with($1) }
        visit.overran.formUnion(result.overran)
        try await settle(result.outcomes, &visit)
        if let question = target.slots.question(at: .now) { await look(question) }
    }

    /// Asks in the session, and once more in a new one if it was ended while it was idle: that says nothing of the server.
    private func ask(_ body: (Connection) async -> [Outcome]) async throws(PostgresError) -> [Outcome] {
        guard let first = session else { return [] }
        session?.isUsed = true
        if first.connection.isSuperuser { target.warnOfSuperuser() }
        let outcomes = await body(first.connection)
        guard first.isUsed, !first.connection.isOpen, !outcomes.contains(where: \.wasRun), !Task.isCancelled else {
            return outcomes
        }
        target.watch.note { $0.failed[.network, default: 0] += 1 }
        await leave()
        try await enter(first.database)
        guard let second = session else { return outcomes }
        session?.isUsed = true
        return await body(second.connection)
    }

    /// Asks which of the sessions that we left behind are still there.
    private func look(_ question: String) async {
        guard let session, session.connection.isOpen, target.server.hasSessions else { return }
        let sink = TextSink(column: "pid")
        let job = Job(step: 0, sql: question, collector: "sessions", timeout: Batch.factsTimeout, prepared: false)
        let outcomes = await session.connection.run([job], into: sink, pulse: pulse)
        guard outcomes.first?.error == nil, outcomes.first?.wasRun == true else { return }
        target.slots.confirm(alive: Set(sink.texts.compactMap { Int32($0) }), at: .now)
    }

    /// Takes what databases showed that are no longer there off the page.
    private func forget(allBut databases: Set<String>, of collector: Int) {
        target.places[collector]?.keep(only: databases)
        target.store.keep(
            only: databases, of: collector, server: target.index,
            metrics: target.registry.entries[collector].collector.metrics.count)
    }

    // MARK: Coming and going

    /// The server's own limit for our statements: the longest of the lane's.
    private var statementTimeout: Duration {
        target.enabled.filter { target.lane(of: $0) == lane }.map { target.timings[$0].timeout }.max() ?? .seconds(5)
    }

    /// Makes sure of a session in a database.
    private func enter(_ database: String?) async throws(PostgresError) {
        if let session {
            let isFresh = ContinuousClock.now - session.opened < Self.lifetime
            if session.database == database, isFresh, session.connection.isOpen { return }
            await leave()
        }
        let start = ContinuousClock.now
        guard target.slots.take(at: start) else {
            throw PostgresError(
                .tooManyConnections, message: "earlier sessions of ours may still be there: no more are opened")
        }
        if database != nil { target.logins.note(at: start) }
        pulse.work(within: Credentials.patience + Self.connectTimeout)
        defer { pulse.work() }
        do {
            let password = try await Credentials.password(of: target.server)
            let settings = target.settings(database: database, password: password, statementTimeout: statementTimeout)
            let connection = Connection(settings, threads: target.threads) { [logger = target.logger] notice in
                logger.debug("notice from the server: \(notice.text)")
            }
            try await connection.open(within: Self.connectTimeout)
            session = Session(connection: connection, database: database, opened: .now)
            target.watch.note {
                $0.open += 1
                $0.opened += 1
                $0.certificateNotAfter = connection.certificateNotAfter
                $0.clientCertificateNotAfter = connection.clientCertificateNotAfter
            }
        } catch {
            let error = error as? PostgresError ?? PostgresError(.other, message: "\(error)")
            target.slots.release()
            target.watch.note { $0.failed[error.errorClass, default: 0] += 1 }
            // A refusal with an error code is an answer all the same, but not one to a query.
            if database == nil || error.sqlstate == nil { fell(silent: error, since: start) }
            throw error
        }
    }

    private func fell(silent error: PostgresError, since start: ContinuousClock.Instant) {
        // Whether the server is up is for the lane to say that asks often.
        guard lane == .fast, !Task.isCancelled else { return }
        guard let isNews = target.watch.noteSilence(error, since: start), let unsaid = target.watch.logs(isNews: isNews)
        else { return }
        target.logger.warning("the server does not answer: \(error)", metadata: target.metadata(repeated: unsaid))
    }

    /// Draws conclusions from a batch: whether there was any reply, and whether the session is still good.
    ///
    /// - Throws: where it fell silent.
    private func settle(_ outcomes: [Outcome], _ visit: inout Visit) async throws(PostgresError) {
        let replies = outcomes.filter { $0.wasRun && ($0.error == nil || $0.error?.sqlstate != nil) }
        // At the time of it: what hung after it may have taken long, and is silence.
        if let last = replies.compactMap(\.end).max() {
            target.noteReply(at: last)
            visit.isReached = true
        }
        guard let session, !session.connection.isOpen else { return }
        let breaking = outcomes.last { $0.error != nil && $0.wasRun } ?? outcomes.first { $0.error != nil }
        let error = breaking?.error ?? PostgresError(.network, message: "the connection was lost")
        target.watch.note { $0.failed[error.errorClass, default: 0] += 1 }
        await leave()
        // A server that says goodbye is there; whether it comes back is for the next attempt to say.
        guard error.sqlstate == nil else { return }
        fell(silent: error, since: (breaking?.end ?? .now) - (breaking?.duration ?? .zero))
        throw error
    }
}
