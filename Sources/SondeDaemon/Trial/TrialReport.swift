import NIOCore
import Sonde
import SondePostgres
import SondeTesting

/// What a trial came to, for people.
struct TrialReport {
    private(set) var lines: [String] = []
    private(set) var errors = 0
    private(set) var warnings = 0

    /// More rows than this want a limit.
    private static let many = 200

    /// Judges a trial that has been run.
    ///
    /// - Parameters:
    ///   - setup: what was tried.
    ///   - engine: what ran it.
    ///   - trial: what was found before.
    init(_ setup: Setup, _ engine: Engine, _ trial: Trial) {
        for placed in setup.placed.compactMap(\.definition) { Self.lint(placed, trial) }
        let page = engine.page.store.page(at: .now).map { String(buffer: $0.bytes) }.joined()
        if let watch = engine.page.status.watches.first, setup.placed.contains(where: { $0.definition != nil }) {
            let picture = watch.look()
            if let facts = picture.facts, picture.failure == nil {
                lines.append("\(watch.name): \(watch.title(facts))")
                judge(setup, picture.conditions, engine, watch, page, trial)
            } else {
                errors += 1
                lines.append("\(watch.name): \(picture.failure?.rawValue ?? "other"): \(picture.failureDetail)")
            }
        }
        if let local = engine.page.status.local {
            judge(setup, local.watch.look().conditions, engine, local.watch, page, trial)
        }
        for explanation in trial.explanations {
            lines.append("\(explanation.title):")
            lines += explanation.lines.map { "  \($0)" }
        }
        let findings = trial.findings.sorted {
            ($0.problem.file, $0.problem.line ?? 0, $0.problem.column ?? 0)
                < ($1.problem.file, $1.problem.line ?? 0, $1.problem.column ?? 0)
        }
        lines += findings.map(\.description)
        errors += findings.count(where: \.isError)
        warnings += findings.count { !$0.isError }
        lines.append("\(Self.count(errors, "error")), \(Self.count(warnings, "warning"))")
    }

    /// What the rules of names, units and sentences say.
    private static func lint(_ placed: PlacedDefinition, _ trial: Trial) {
        let definition = placed.definition
        for metric in definition.metrics {
            let column = definition.columns.first { $0.kind.isMetric && definition.name(of: $0) == metric.name }
            for problem in Lint.problems(of: metric, in: definition) {
                trial.note(
                    Finding(problem: placed.problem(in: column?.name, "\(metric.name): \(problem)"), isError: false),
                    of: definition.name)
            }
        }
    }

    /// Judges those that a watch knows of.
    private mutating func judge(
        _ setup: Setup, _ conditions: [Watch.Condition], _ engine: Engine, _ watch: Watch, _ page: String,
        _ trial: Trial
    ) {
        let isLocal = watch === engine.page.status.local?.watch
        for (index, entry) in setup.registry.entries.enumerated() {
            let collector = entry.collector
            guard let placed = setup.placed.first(where: { $0.collector.name == collector.name }),
                collector is any LocalCollector == isLocal
            else { continue }
            let options = setup.configuration.collectors[collector.name] ?? Configuration.CollectorOptions()
            judge(placed, conditions[index], options.timing(over: collector.timing), watch, page, trial)
        }
    }

    /// Prints what a collector cost, and notes what was wrong with the run.
    private mutating func judge(
        _ placed: PlacedCollector, _ condition: Watch.Condition, _ timing: Timing, _ watch: Watch, _ page: String,
        _ trial: Trial
    ) {
        let collector = placed.collector
        let note = { (message: String, isError: Bool) in
            let problem = placed.definition?.problem(in: "from", message) ?? placed.problem(message)
            trial.note(Finding(problem: problem, isError: isError), of: collector.name)
        }
        guard let last = condition.last else {
            let isOther = collector.kind != watch.kind
            note(
                isOther
                    ? "it asks \(collector.kind.rawValue), which \(watch.name) is not: name another server by --server"
                    : "it was not run", true)
            return
        }
        switch condition.state {
        case .skippedRole: return note("it is not for a server of this role, so that it was not run", false)
        case .skippedVersion: return note("it has nothing for a server of this version, so that it was not run", false)
        case .unavailable:
            guard !trial.hasErrors(collector.name) else { return }
            if let lack = trial.lack(of: collector.name) {
                trial.note(lack, of: collector.name)
            } else {
                note(last.detail, true)
            }
            return
        case .failed:
            if !trial.hasErrors(collector.name) { note(last.detail, true) }
            return
        default: break
        }
        let counts = last.counts
        lines.append(
            "\(collector.name): \(Self.milliseconds(last.duration)) of \(DurationText.text(timing.timeout)), every \(DurationText.text(timing.every)); \(Self.count(counts.rows, "row")), \(counts.series) series, \(Self.count(last.bytes, "byte"))"
        )
        if counts.duplicates > 0 {
            note(
                "\(Self.count(counts.duplicates, "row")) had the labels of another and were left out: add the label that tells them apart, or group: true",
                true)
        }
        for (kind, message) in Self.unread(counts) {
            // Where there are several, it could be any of them.
            let columns = placed.definition?.definition.columns.filter { $0.kind == kind } ?? []
            // What its type says already.
            if kind == nil, trial.hasErrors(collector.name) { continue }
            if let definition = placed.definition, columns.count == 1 {
                let problem = definition.problem(in: columns[0].parts[0].name, message)
                trial.note(Finding(problem: problem, isError: true), of: collector.name)
            } else {
                note(message, true)
            }
        }
        if counts.truncated > 0 { note("there were more rows than are read: set limit: cap", false) }
        if counts.rows > Self.many, collector.limit == nil {
            note(
                "\(counts.rows) rows, and no limit: a label takes many values: write limit: {rows: …, by: …}, or group them",
                false)
        }
        if last.duration * 2 > timing.timeout {
            note(
                "it took more than half of its timeout of \(DurationText.text(timing.timeout)): write cost: medium or heavy",
                false)
        }
        guard let definition = placed.definition else { return }
        guard counts.rows > 0 else { return note("it gave no rows, so that nothing of it was seen", false) }
        for column in definition.definition.columns where column.kind.isMetric {
            let name = definition.definition.name(of: column)
            guard !page.contains("# TYPE \(name) "), !trial.hasErrors(collector.name) else { continue }
            trial.note(
                Finding(
                    problem: definition.problem(
                        in: column.name, "\(name) has no sample: it is NULL, or not there in this version"),
                    isError: false), of: collector.name)
        }
    }

    /// What was left out since it could not be read, and of which kind of column; nil for what should be a number.
    private static func unread(_ counts: Samples.Counts) -> [(kind: Column.Kind?, message: String)] {
        var unread: [(kind: Column.Kind?, message: String)] = []
        let values = counts.unreadable - counts.badHistograms - counts.unknownStates
        if values > 0 {
            let (what, them) = values == 1 ? ("as a number and was", "it") : ("as numbers and were", "them")
            unread.append(
                (nil, "\(count(values, "value")) could not be read \(what) left out: cast \(them)"))
        }
        if counts.badHistograms > 0 {
            unread.append(
                (
                    .histogram,
                    "\(count(counts.badHistograms, "row")) gave no histogram: as many buckets as bounds, no bound twice, each bucket at least the one below and at most count"
                ))
        }
        if counts.unknownStates > 0 {
            unread.append(
                (.stateset, "\(count(counts.unknownStates, "row")) in a state that is not among states: add it there"))
        }
        return unread
    }

    private static func count(_ number: Int, _ what: String) -> String {
        "\(number) \(what)\(number == 1 ? "" : "s")"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .microseconds(100))
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
