import Sonde

/// The queries of `--extend.query-path`, put among the collectors that there are already.
struct QueriesFile: Sendable {
    /// All collectors, in the order of the page.
    private(set) var entries: [Registry.Entry]
    /// What cost the file.
    private(set) var problems: [FileProblem] = []
    /// What is not wrong but should be known, one line each.
    private(set) var notes: [String] = []
    /// The names of the file's own collectors.
    private(set) var names: Set<String> = []
    /// What tells one file from another for postgres_exporter; empty where it cannot be read.
    private(set) var digest = ""

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - others: the collectors that there are without it.
    ///   - isEnabled: whether one of them runs; what one that does not run would show is the file's to show.
    ///   - discovers: whether queries that are not `master` run in every database.
    init(
        _ path: String, among others: [Registry.Entry], isEnabled: (any Collector) -> Bool, discovers: Bool
    ) {
        entries = others
        let queries: [ForeignQuery]
        do {
            let bytes = try BoundedFile.read(path, atMost: YAMLParser.maxBytes).bytes
            digest = SHA256.hexadecimal(of: bytes)
            queries =
                try ForeignFile(
                    bytes, named: path, from: .postgresExporter, discovers: discovers, isLiteral: true
                ).queries
        } catch {
            problems = error.problems
            return
        }
        let running = others.map(\.collector).filter(isEnabled)
        var settlement = Settlement(among: running, names: others.map(\.collector.name))
        for query in queries {
            var query = query
            settlement.settle(&query)
            notes += query.notes.map { "\(path): \(query.key): \($0)" }
            guard let definition = query.definition else { continue }
            yield(definition.metrics.flatMap(\.names), isEnabled)
            entries.append(Registry.Entry(definition, from: "\(path):\(query.node.line)"))
            names.insert(definition.name)
        }
    }

    /// Takes families from collectors that do not run.
    private mutating func yield(_ families: [String], _ isEnabled: (any Collector) -> Bool) {
        let families = Set(families)
        entries = entries.compactMap { entry in
            guard !isEnabled(entry.collector), let definition = entry.collector as? Definition,
                definition.metrics.contains(where: { !families.isDisjoint(with: $0.names) })
            else { return entry }
            return definition.without(families).map { Registry.Entry($0, from: entry.origin) }
        }
    }
}
