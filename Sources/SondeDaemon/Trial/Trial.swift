import Sonde
import SondePostgres
import Synchronization

/// Looks at definitions that are being tried, in the session that runs them, and remembers what it found.
final class Trial: Inspector {
    private struct Place: Hashable {
        let collector: Int
        let database: String?
    }

    private struct State {
        var findings: [Finding] = []
        var explanations: [(title: String, lines: [String])] = []
        var seen: Set<Place> = []
        /// The collectors that something is wrong with.
        var wrong: Set<String> = []
        /// What is wrong with collectors where no database has what they require.
        var lacking: [String: Finding] = [:]
    }

    private let placed: [String: PlacedDefinition]
    private let sources: [String: SourceText]
    private let isExplaining: Bool
    private let state = Mutex(State())

    /// Makes a trial that has seen nothing.
    ///
    /// - Parameters:
    ///   - placed: what is being tried.
    ///   - sources: the files that it stands in.
    ///   - isExplaining: whether to have the server run each statement once more, and say how.
    init(_ placed: [PlacedDefinition], sources: [String: SourceText], isExplaining: Bool) {
        self.placed = Dictionary(placed.map { ($0.definition.name, $0) }) { first, _ in first }
        self.sources = sources
        self.isExplaining = isExplaining
    }

    /// What was found, each thing once.
    var findings: [Finding] { state.withLock { $0.findings } }

    /// How the server runs the statements, where that was asked for.
    var explanations: [(title: String, lines: [String])] { state.withLock { $0.explanations } }

    /// Notes something about a collector.
    func note(_ finding: Finding, of collector: String) {
        state.withLock { state in
            if finding.isError { state.wrong.insert(collector) }
            if !state.findings.contains(finding) { state.findings.append(finding) }
        }
    }

    /// Whether anything wrong was found with a collector.
    func hasErrors(_ collector: String) -> Bool {
        state.withLock { $0.wrong.contains(collector) }
    }

    /// What is wrong with a collector that is unavailable, with its place; nil where that is not known.
    func lack(of collector: String) -> Finding? {
        state.withLock { $0.lacking[collector] }
    }

    func inspect(
        _ items: [Batch.Item], _ facts: Facts, database: String?, over connection: Connection, of target: Target
    ) async {
        // A console has commands, which it does not explain.
        guard target.server.kind == .postgresql else { return }
        for item in items {
            // Once: what is refused is planned anew.
            let place = Place(collector: item.collector, database: facts.database)
            guard state.withLock({ $0.seen.insert(place).inserted }),
                var check = check(of: item, facts, over: connection, of: target)
            else { continue }
            if case .skip(.unavailable(let detail)) = item.plan {
                let finding = await check.finding(for: detail)
                state.withLock { $0.lacking[check.definition.name] = finding }
                continue
            }
            await check.run(item.plan)
            for finding in check.findings { note(finding, of: check.definition.name) }
        }
    }

    func look(back items: [Batch.Item], _ facts: Facts, over connection: Connection, of target: Target) async {
        guard isExplaining, target.server.kind == .postgresql else { return }
        for item in items where item.isComplete {
            guard let check = check(of: item, facts, over: connection, of: target) else { continue }
            let lines = await check.explain(item.plan)
            state.withLock { $0.explanations.append(("\(check.definition.name), database \(facts.database)", lines)) }
        }
    }

    /// The check of what is being tried; nil for everything else.
    private func check(
        of item: Batch.Item, _ facts: Facts, over connection: Connection, of target: Target
    ) -> StatementCheck? {
        guard let definition = target.registry.entries[item.collector].collector as? Definition,
            let placed = placed[definition.name], let source = sources[placed.file]
        else { return nil }
        return StatementCheck(
            definition: definition, placed: placed, source: source, facts: facts, connection: connection,
            timeout: target.timings[item.collector].timeout, hasSessions: target.server.hasSessions)
    }
}
