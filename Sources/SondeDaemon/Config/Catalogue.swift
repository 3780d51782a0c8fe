import Sonde
import SondeCollectors

/// The collectors that a configuration asks for: those of one name set or both, and what the user calls them.
///
/// A name in the configuration or in a flag means the collector of each set in force that has this name, so that `--no-collector.locks`
/// leaves no lock on the page. With `postgres_exporter_` before it, it means that set's alone, and wins over the plain name.
struct Catalogue: Sendable {
    /// In the order of the page.
    let entries: [Registry.Entry]
    /// The second set's, where it is in force.
    let members: [PostgresExporter.Member]
    /// Collectors by every name that a user may write beside their own: those of the second set by its flags, and those that have nothing
    /// left to show, since the second set shows it.
    let names: [String: any Collector]

    /// Chooses among the program's collectors.
    ///
    /// - Parameters:
    ///   - collectors: the program's, in the order of the page.
    ///   - configuration: what the user says.
    init(_ collectors: [any Collector], _ configuration: Configuration) {
        let builtin = Set(Builtin.collectors.map(\.name))
        // The second set has nothing of PgBouncer, which is another program's.
        let own = collectors.filter {
            configuration.names != .postgresExporter || !builtin.contains($0.name) || $0.kind == .pgbouncer
        }
        var options = PostgresExporter.Options()
        options.isBeside = configuration.names == .both
        options.excludedDatabases = configuration.foreign.excludedDatabases
        options.statements = configuration.foreign.statements
        members = configuration.names == .pgsonde ? [] : PostgresExporter(options).members
        var names: [String: any Collector] = [:]
        for member in members {
            for name in Self.names(of: member) { names[name] = member.parts.first }
        }
        // What both sets have is shown by the second, whose rows are the more.
        var shown: Set<String> = []
        for member in members {
            for part in member.parts {
                let option = Self.options(of: part, in: member, configuration)
                if option.enabled ?? part.enabled { shown.formUnion(part.metrics.map(\.name)) }
            }
        }
        var entries: [Registry.Entry] = []
        for collector in own {
            let origin = builtin.contains(collector.name) ? Registry.Entry.builtIn : "of this program"
            guard let definition = collector as? Definition,
                definition.metrics.contains(where: { shown.contains($0.name) })
            else {
                entries.append(Registry.Entry(collector, from: origin))
                continue
            }
            if let rest = definition.without(shown) {
                entries.append(Registry.Entry(rest, from: origin))
            } else {
                names[collector.name] = collector
            }
        }
        self.names = names
        // What is off in the second set and on in the first is the first's.
        let taken = Set(entries.flatMap(\.collector.metrics).map(\.name))
        let parts = members.flatMap(\.parts).compactMap { part -> (any Collector)? in
            guard let definition = part as? Definition, part.metrics.contains(where: { taken.contains($0.name) })
            else { return part }
            return definition.without(taken)
        }
        self.entries = entries + parts.map { Registry.Entry($0) }
    }

    /// What the user says of each collector, by its own name.
    ///
    /// - Parameters:
    ///   - configuration: what the user wrote, under any of the names there are.
    ///   - others: names of collectors that are not among ``entries``.
    /// - Returns: the options, by the collectors' own names.
    func options(
        _ configuration: Configuration, others: [String]
    ) -> [String: Configuration.CollectorOptions] {
        var found: [String: Configuration.CollectorOptions] = [:]
        for name in entries.map(\.collector.name) + others { found[name] = configuration.collectors[name] }
        for member in members {
            for part in member.parts {
                var options = Self.options(of: part, in: member, configuration)
                if let limit = configuration.foreign.timeout {
                    options.timeout = min(options.timing(over: part.timing).timeout, limit)
                }
                found[part.name] = options
            }
        }
        return found
    }

    /// What the user may call a collector of the second set; the later wins.
    private static func names(of member: PostgresExporter.Member) -> [String] {
        [member.formerName, member.name, PostgresExporter.prefix + member.name].compactMap { $0 }
    }

    /// The canonical collector, among those that the user names, that a part shows all of, and nothing else.
    private static func replaced(by part: any Collector, _ configuration: Configuration) -> String? {
        let metrics = Set(part.metrics.map(\.name))
        return Builtin.collectors.first {
            configuration.collectors[$0.name] != nil && !metrics.isEmpty && Set($0.metrics.map(\.name)) == metrics
        }?.name
    }

    /// What is said of a part of a collector: by its own name, else by that of the canonical one in whose place it is, else by the
    /// collector's, else by the name that both sets may have.
    private static func options(
        of part: any Collector, in member: PostgresExporter.Member, _ configuration: Configuration
    ) -> Configuration.CollectorOptions {
        var options = Configuration.CollectorOptions()
        if !member.hasFlag, configuration.foreign.lacksDefaults { options.enabled = false }
        if member.name == "settings", configuration.foreign.lacksSettings { options.enabled = false }
        let own = [replaced(by: part, configuration), part.name].compactMap { $0 }
        for name in names(of: member) + own {
            guard let said = configuration.collectors[name] else { continue }
            options.enabled = said.enabled ?? options.enabled
            // Meant for the collector as a whole, and done by those parts of it that are cheap enough.
            let isDear = !own.contains(name) && part.cost == .heavy && member.parts.contains { $0.cost < .heavy }
            options.every = said.every.map { isDear ? max($0, part.timing.every) : $0 } ?? options.every
            if said.isOnScrape, part.cost == .light, part.per == .server { options.isOnScrape = true }
            if said.every != nil { options.isOnScrape = false }
            options.timeout = said.timeout ?? options.timeout
            options.expire = said.expire ?? options.expire
        }
        return options
    }

    /// What the rest of the daemon has to know of the second set.
    ///
    /// - Parameters:
    ///   - registry: all collectors.
    ///   - queries: the names of those that come from a `queries.yaml`.
    ///   - configuration: what the user says.
    /// - Returns: which collectors it concerns, by their places in the registry.
    func secondSet(
        _ registry: Registry, queries: Set<String> = [], _ configuration: Configuration
    ) -> SecondSet {
        var places: [String: Int] = [:]
        for (index, entry) in registry.entries.enumerated() { places[entry.collector.name] = index }
        var set = SecondSet()
        for member in members {
            let indices = member.parts.compactMap { places[$0.name] }
            if member.hasFlag {
                set.members.append(SecondSet.Member(name: member.name, collectors: indices, since: member.since))
            } else {
                set.labelled.formUnion(indices)
            }
            if !configuration.foreign.discoversDatabases {
                set.homeOnly.formUnion(indices.filter { registry.entries[$0].collector.per == .database })
            }
        }
        set.labelled.formUnion(queries.compactMap { places[$0] })
        set.isShown = !members.isEmpty
        set.isBeside = configuration.names == .both
        if set.isShown || !queries.isEmpty {
            set.constantLabels = configuration.foreign.constantLabels.map { ($0.name, $0.value) }
        }
        return set
    }
}
