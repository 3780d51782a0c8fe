import Logging
import NIOCore
import Sonde
import SondePostgres

/// Plans a set of collectors for one database, runs them in one round trip, and publishes what they gave.
struct Batch {
    /// What a batch came to.
    struct Result {
        var memory: Memory
        /// Whether the server is not what it was at the last visit.
        var hasNewFacts = false
        var outcomes: [Outcome] = []
        var reports: [Int: Watch.Report] = [:]
        var endings: [Int: Timetable.Ending] = [:]
        /// The collectors in code that did not end in time.
        var overran: Set<Int> = []
    }

    /// One collector with its plan and what came of it.
    struct Item {
        let collector: Int
        /// What is run for it, be it alone or with others.
        var plan: Plan
        /// What is its own of the rows of a plan that several collectors share.
        var window: SharedWindow?
        var outcomes: [Outcome] = []
        var yield = BatchSink.Yield()
        /// What a collector in code has to read.
        var results: [GuestReader.Result] = []
        var overrun: GuestReader.Overrun?

        var error: PostgresError? { outcomes.lazy.compactMap(\.error).first }
        var isComplete: Bool { outcomes.allSatisfy { $0.wasRun && $0.error == nil } }
        /// The place in the plan of the first step that failed; a page's steps are there once, however often they were run.
        var failingStep: Int? {
            guard let index = outcomes.firstIndex(where: { $0.error != nil }) else { return nil }
            guard case .pages(_, let first, let page) = plan, index >= first.count else { return index }
            return first.count + (index - first.count) % page.count
        }
    }

    /// The time that the server has for the facts: with a cancel request's, less than any base interval by default.
    static let factsTimeout = Duration.seconds(2)

    let target: Target
    let connection: Connection
    let pulse: Pulse
    /// The `datname` label; nil for collectors that run once per server.
    let database: String?
    /// Whether the session stays for the next time.
    let isLasting: Bool
    /// Whether nothing was asked in the session yet: what is known may be of another server by now.
    var isFirst = false

    /// Runs collectors.
    func run(_ collectors: [Int], memory: Memory) async -> Result {
        var result = Result(memory: memory)
        if result.memory.facts == nil || isFirst {
            let known = result.memory.facts
            result.memory.facts = nil
            if let facts = await learn(&result) {
                result.memory.facts = known
                result.memory.take(facts)
                result.hasNewFacts = known != nil && known != facts
            }
        }
        guard let facts = result.memory.facts else {
            // The server's own word, and no silence: it would otherwise be seen nowhere.
            if let error = result.outcomes.last?.error, error.sqlstate != nil {
                for collector in collectors { result.reports[collector] = Watch.Report(failure: error) }
            }
            return result
        }
        var items: [Item] = []
        var skipped: [Item] = []
        for collector in collectors.sorted(by: { entry($0).cost < entry($1).cost }) {
            // One in code may know nothing of what was refused.
            if isGuest(collector), result.memory.refused[collector]?.contains("from") == true,
                let privileges = result.memory.lacking[collector]
            {
                skip(collector, .forbidden(Privilege.need(privileges, facts.version)), &result)
                continue
            }
            let plan: Plan
            do throws(GuestReader.Overrun) {
                plan = try await self.plan(
                    collector, for: facts, without: result.memory.refused[collector] ?? [], &result.memory)
            } catch {
                var report = Watch.Report()
                report.fail(.timeout, error.description)
                result.reports[collector] = report
                result.endings[collector] = .timedOut
                result.overran.insert(collector)
                continue
            }
            switch plan {
            case .skip(let reason):
                skip(collector, reason, &result)
                skipped.append(Item(collector: collector, plan: plan))
            case .pages where !target.server.hasSessions:
                // Its steps hand values on in the session's settings, which a pooler gives to anyone.
                skip(collector, .unavailable("needs a session of its own: connect past the pooler"), &result)
            case .steps, .pages: items.append(Item(collector: collector, plan: plan))
            }
        }
        await target.inspector?.inspect(items + skipped, facts, database: database, over: connection, of: target)
        let groups = Sharing(target: target, facts: facts, memory: result.memory).groups(of: &items)
        let fresh = await runTogether(&items, groups, &result)
        for group in groups {
            if case .pages(let size, let first, let page) = items[group[0]].plan {
                await runPages(&items, group, size: size, first, page, &result)
            }
        }
        await target.inspector?.look(back: items, facts, over: connection, of: target)
        // What is not ours comes last, so that nothing waits for it.
        for item in items where !isGuest(item.collector) { await conclude(item, facts, &result) }
        let readings = await readings(of: items.filter { isGuest($0.collector) && $0.isComplete }, result.memory)
        for var item in items where isGuest(item.collector) {
            switch readings[item.collector] {
            case .success(let yield): item.yield = yield
            case .failure(let overrun): item.overrun = overrun
            case nil: break
            }
            await conclude(item, facts, &result)
        }
        if let fresh, fresh != facts {
            result.memory.take(fresh)
            result.hasNewFacts = true
        }
        return result
    }

    private func entry(_ collector: Int) -> any Collector {
        target.registry.entries[collector].collector
    }

    /// Whether a collector is code, of which nobody knows how long it takes; definitions are data that we read.
    private func isGuest(_ collector: Int) -> Bool {
        !(entry(collector) is Definition)
    }

    private func plan(
        _ collector: Int, for facts: Facts, without refused: Set<String>, _ memory: inout Memory
    ) async throws(GuestReader.Overrun) -> Plan {
        guard isGuest(collector) else { return entry(collector).plan(for: facts, without: refused) }
        let timing = target.timings[collector]
        // One of other times is here only because it still ran when they changed.
        let known = memory.guests[collector].flatMap { $0.timing == timing || $0.isBusy ? $0 : nil }
        let guest = known ?? GuestReader(entry(collector), timing: timing)
        memory.guests[collector] = guest
        return try await guest.plan(for: facts, without: refused)
    }

    /// Has collectors in code read what they asked for, all at the same time.
    private func readings(
        of items: [Item], _ memory: Memory
    ) async -> [Int: Swift.Result<BatchSink.Yield, GuestReader.Overrun>] {
        await withTaskGroup(of: (Int, Swift.Result<BatchSink.Yield, GuestReader.Overrun>).self) { group in
            for item in items {
                guard let guest = memory.guests[item.collector] else { continue }
                group.addTask {
                    do throws(GuestReader.Overrun) {
                        let labels = target.labels(of: item.collector, database: database)
                        return (
                            item.collector,
                            .success(try await guest.read(item.results, labels: labels, share: share(item.collector)))
                        )
                    } catch {
                        return (item.collector, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// The rows by name that databases share, and which of them this is.
    private func share(_ collector: Int) -> (places: Places, owner: String)? {
        target.places[collector].flatMap { places in database.map { (places, $0) } }
    }

    /// Asks for the facts alone, before the first plan.
    ///
    /// - Returns: nil where there was no answer.
    private func learn(_ result: inout Result) async -> Facts? {
        let sink = sink([], factsStep: 0)
        var outcomes = await connection.run([factsJob(result.memory)], into: sink, pulse: pulse)
        if noteFacts(outcomes.first, &result.memory) {
            outcomes = await connection.run([factsJob(result.memory)], into: sink, pulse: pulse)
        }
        result.outcomes += outcomes
        return sink.result().facts
    }

    /// Leaves the timeline out from now on where the role may not read it.
    ///
    /// - Returns: whether that is news, so that another try makes sense.
    private func noteFacts(_ outcome: Outcome?, _ memory: inout Memory) -> Bool {
        guard memory.hasTimeline, outcome?.error?.errorClass == .permission else { return false }
        memory.hasTimeline = false
        return true
    }

    private func sink(_ runs: [BatchSink.Run], factsStep: Int? = nil) -> BatchSink {
        BatchSink(runs, factsStep: factsStep) { [target] in target.noteReply() }
    }

    private func factsJob(_ memory: Memory) -> Job {
        let sql =
            switch target.server.kind {
            case .postgresql:
                FactsQuery.sql(
                    withTimeline: memory.hasTimeline,
                    answering: target.questions.union(Questions(privileges: memory.questions)))
            case .pgbouncer: FactsQuery.console
            }
        return Job(step: 0, sql: sql, collector: "facts", timeout: Self.factsTimeout, prepared: isLasting)
    }

    /// A step of collectors that run together; of the first one in name and time.
    private func job(_ number: Int, _ step: Step, of collectors: [Int]) -> Job {
        let collector = collectors[0]
        return Job(
            step: number, sql: step.sql, collector: entry(collector).name, timeout: target.timings[collector].timeout,
            prepared: isLasting, searchPath: step.searchPath,
            confinement: collectors.lazy.map(confinement).first { $0 != .session } ?? .session)
    }

    /// Definitions of files say what somebody else has written.
    private func confinement(of collector: Int) -> Job.Confinement {
        guard target.registry.entries[collector].origin != Registry.Entry.builtIn,
            let definition = entry(collector) as? Definition
        else { return .session }
        return Job.Confinement(definition)
    }

    private func sinkRun(_ item: Item, _ steps: Range<Int>, _ memory: Memory) -> BatchSink.Run {
        let collector = item.collector
        let reader =
            isGuest(collector)
            ? nil : memory.readers[collector] ?? entry(collector).makeReader(for: target.timings[collector])
        return BatchSink.Run(
            collector: entry(collector), reader: reader, labels: target.labels(of: collector, database: database),
            share: share(collector), steps: steps, window: item.window)
    }

    /// Runs the facts and all plans of a known number of steps in one round trip.
    ///
    /// - Returns: the facts as they are now.
    private func runTogether(_ items: inout [Item], _ groups: [[Int]], _ result: inout Result) async -> Facts? {
        var jobs = [factsJob(result.memory)]
        var runs: [BatchSink.Run] = []
        var members: [Int] = []
        for group in groups {
            guard case .steps(let steps) = items[group[0]].plan else { continue }
            let first = jobs.count
            for step in steps { jobs.append(job(jobs.count, step, of: group.map { items[$0].collector })) }
            for index in group {
                runs.append(sinkRun(items[index], first..<jobs.count, result.memory))
                members.append(index)
            }
        }
        let sink = sink(runs, factsStep: 0)
        let outcomes = await connection.run(jobs, into: sink, pulse: pulse)
        result.outcomes += outcomes
        _ = noteFacts(outcomes.first, &result.memory)
        let (facts, yields, readers, results) = sink.result()
        for (run, index) in members.enumerated() {
            items[index].outcomes = Array(outcomes[runs[run].steps])
            items[index].yield = yields[run]
            items[index].results = results[run]
            result.memory.readers[items[index].collector] = readers[run]
        }
        return facts
    }

    /// Runs a plan that goes page by page, until a page is not full.
    private func runPages(
        _ items: inout [Item], _ group: [Int], size: Int, _ first: [Step], _ page: [Step], _ result: inout Result
    ) async {
        let collectors = group.map { items[$0].collector }
        let steps = 0..<(first.count + page.count)
        let sinks = group.map { index in
            var run = sinkRun(items[index], steps, result.memory)
            run.isPaged = true
            return sink([run])
        }
        var jobs = (first + page).enumerated().map { job($0, $1, of: collectors) }
        var all: [Outcome] = []
        while true {
            let outcomes = await connection.run(jobs, into: SeveralSinks(sinks: sinks), pulse: pulse)
            all += outcomes
            let isComplete = outcomes.allSatisfy { $0.wasRun && $0.error == nil }
            guard isComplete, let rows = outcomes.last?.rows, rows >= size, !Task.isCancelled else { break }
            jobs = page.enumerated().map { job(first.count + $0, $1, of: collectors) }
        }
        result.outcomes += all
        for (index, sink) in zip(group, sinks) {
            items[index].outcomes = all
            if items[index].isComplete { sink.end() }
            let (_, yields, readers, results) = sink.result()
            items[index].yield = yields[0]
            items[index].results = results[0]
            result.memory.readers[items[index].collector] = readers[0]
        }
    }

    /// Publishes a run, or finds out what was wrong with it.
    private func conclude(_ item: Item, _ facts: Facts, _ result: inout Result) async {
        let collector = item.collector
        guard item.outcomes.contains(where: \.wasRun) else {
            result.endings[collector] = .notRun
            return
        }
        // Unless it is known whose fault it is, each is asked for by itself from now on.
        if let window = item.window, let error = item.error, error.sqlstate != nil {
            if !window.isOfOthers(errorAt: error.position) { result.memory.apart.insert(collector) }
            result.endings[collector] = .replanned
            return
        }
        var report = Watch.Report()
        report.duration = item.outcomes.reduce(.zero) { $0 + $1.duration }
        report.counts = item.yield.counts
        report.bytes = item.yield.bytes
        result.endings[collector] = .succeeded
        if let overrun = item.overrun {
            report.fail(.timeout, overrun.description)
            result.endings[collector] = .timedOut
            result.overran.insert(collector)
        } else if item.isComplete, item.yield.failure == nil {
            publish(item.yield.texts, late: item.yield.more, of: collector, origin: facts.startTime)
            report.miss(lacks(of: collector, facts, result.memory))
        } else {
            report.state = .failed
            report.errors[item.error?.errorClass ?? .other] = 1
            report.detail = item.error?.description ?? item.yield.failure ?? "a later statement of it was not run"
            result.endings[collector] = item.error?.errorClass == .timeout ? .timedOut : .failed
            if await refuse(item, facts, &result.memory) { result.endings[collector] = .replanned }
            if let privileges = result.memory.lacking[collector] {
                let lacks = Lacks(Privilege.need(privileges, facts.version), in: facts.database)
                report.detail = "\(lacks.text) (\(report.detail))"
            }
        }
        result.reports[collector] = report
    }

    /// What the role may not do of what a collector wants, though it has numbers.
    private func lacks(of collector: Int, _ facts: Facts, _ memory: Memory) -> Lacks {
        let refused = memory.lacking[collector].map { Privilege.need($0, facts.version) }
        let need = refused ?? (entry(collector) as? any PartlyGranted)?.shortfall(in: facts)
        return need.map { Lacks($0, in: facts.database) } ?? Lacks()
    }

    private func publish(
        _ texts: [ByteBuffer], late: [(metric: Metric, text: ByteBuffer)] = [], of collector: Int, origin: Double = 0
    ) {
        let source = Store.Source(server: target.index, collector: collector, database: database ?? "")
        target.store.publish(
            texts, late: late, from: source, expires: .now + target.expiry(of: collector), origin: origin)
    }

    private func skip(_ collector: Int, _ reason: Skip, _ result: inout Result) {
        var report = Watch.Report()
        switch (reason, result.memory.facts) {
        case (.version, _): report.state = .skippedVersion
        case (.role, _): report.state = .skippedRole
        case (.unavailable, let facts?) where result.memory.lacking[collector] != nil:
            report.state = .unavailable
            report.miss(lacks(of: collector, facts, result.memory))
        case (.unavailable(let text), _):
            report.state = .unavailable
            report.detail = [text, result.memory.refusals[collector]].compactMap { $0 }.joined(separator: ": ")
        case (.forbidden(let need), let facts):
            report.state = .unavailable
            report.miss(Lacks(need, in: facts?.database ?? ""))
        }
        publish(entry(collector).metrics.map { _ in ByteBuffer() }, of: collector)
        result.reports[collector] = report
        result.endings[collector] = .succeeded
    }

    /// Finds the column that the server did not accept, so that the next plan does without it.
    ///
    /// - Returns: whether another try makes sense.
    private func refuse(_ item: Item, _ facts: Facts, _ memory: inout Memory) async -> Bool {
        guard let index = item.failingStep, let error = item.error else { return false }
        let known = memory.refused[item.collector] ?? []
        let step = item.plan.steps[index]
        let named = error.position.flatMap { step.column(at: $0) } ?? "from"
        var columns: Set<String> = []
        switch error.errorClass {
        case .undefined: columns = [named]
        case .permission:
            let lacking = await lacking(for: step, error, of: item.collector)
            if !lacking.isEmpty { memory.note(lacking: lacking, for: item.collector) }
            // It has a position where a name could not be looked up, in a schema that the role may not use.
            columns = error.position == nil ? await columnsNotAllowed(item, at: index, facts, known, &memory) : [named]
        default: return false
        }
        guard !columns.isSubset(of: known) else { return false }
        memory.refused[item.collector] = known.union(columns)
        memory.refusals[item.collector] = error.description
        target.logger.notice(
            "the server does not have, or does not allow, a part of a collector",
            metadata: [
                "server": "\(target.server.name)", "collector": "\(entry(item.collector).name)",
                "columns": "\(columns.sorted().joined(separator: " "))", "error": "\(error.message)",
            ])
        return true
    }

    /// The rights that are missing for a statement, as far as they can be told.
    private func lacking(for step: Step, _ error: PostgresError, of collector: Int) async -> [Privilege] {
        guard target.server.kind == .postgresql else { return [] }
        let sink = TextSink(column: Denial.column)
        let denial = Denial(step, error.message)
        _ = await connection.run([job(0, Step(denial.sql), of: [collector])], into: sink, pulse: pulse)
        return sink.texts.map { Privilege($0) }.filter(\.isReadable)
    }

    /// A missing privilege for what was found has no position: the FROM and each column are tried by themselves, with EXPLAIN, which
    /// runs nothing.
    private func columnsNotAllowed(
        _ item: Item, at index: Int, _ facts: Facts, _ known: Set<String>, _ memory: inout Memory
    ) async -> Set<String> {
        let steps = item.plan.steps
        let columns = steps[index].spans.map(\.column).filter { $0 != "from" && !known.contains($0) }
        if let source = steps[index].sourceExplanation {
            let outcomes = await connection.run(
                [job(0, source, of: [item.collector])], into: TextSink(column: ""), pulse: pulse)
            if outcomes.contains(where: { $0.error?.errorClass == .permission }) { return ["from"] }
        }
        var tried: [String] = []
        var jobs: [Job] = []
        for column in columns {
            // A label by itself is no plan, so only metrics are tried.
            let others = known.union(columns.filter { $0 != column })
            let plan = try? await plan(item.collector, for: facts, without: others, &memory)
            guard let probes = plan?.steps, probes.indices.contains(index) else { continue }
            tried.append(column)
            let probe = Step(probes[index].explanation, searchPath: probes[index].searchPath)
            jobs.append(job(jobs.count, probe, of: [item.collector]))
        }
        guard !jobs.isEmpty else { return ["from"] }
        let outcomes = await connection.run(jobs, into: TextSink(column: ""), pulse: pulse)
        let barred = zip(tried, outcomes).filter { $1.error?.errorClass == .permission }.map(\.0)
        return barred.count == tried.count || barred.isEmpty ? ["from"] : Set(barred)
    }
}
