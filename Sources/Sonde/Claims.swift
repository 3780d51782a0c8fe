/// The names that collectors have for themselves, so that no two of them can have the same.
package struct Claims: Sendable {
    private var collectors: [String: Registry.Entry] = [:]
    private var families: [String: Registry.Entry] = [:]
    private var prefixes: [(prefix: String, entry: Registry.Entry)] = []

    /// Makes claims of nobody.
    package init() {}

    /// Claims a collector's names.
    ///
    /// - Returns: what others have claimed already, one line each.
    package mutating func claim(_ entry: Registry.Entry) -> [String] {
        var problems: [String] = []
        if let other = collectors.updateValue(entry, forKey: entry.collector.name) {
            problems.append("there is a collector of this name already (\(other.origin)); rename one of them")
        }
        for name in entry.collector.metrics.flatMap(\.names) {
            if let other = families.updateValue(entry, forKey: name) {
                problems.append("the metric \(name) is also that of \(other.title); rename one of them")
            } else if let other = prefixes.first(where: { name.hasPrefix($0.prefix) && bars($0.entry, entry) }) {
                problems.append(
                    "the metric \(name) begins with \(other.prefix), as all those of \(other.entry.title) do; "
                        + "rename it, or choose another prefix there")
            }
        }
        for prefix in entry.collector.prefixes {
            for other in prefixes where other.entry.collector.name != entry.collector.name {
                guard other.prefix.hasPrefix(prefix) || prefix.hasPrefix(other.prefix) else { continue }
                problems.append(
                    "the names \(prefix)… are also those of \(other.entry.title); choose another prefix for one of them"
                )
            }
            let taken = families.filter { $0.key.hasPrefix(prefix) && bars(entry, $0.value) }
            if let (name, other) = taken.min(by: { $0.key < $1.key }) {
                problems.append(
                    "the names \(prefix)… are also those of \(other.title), as \(name) is; choose another prefix")
            }
            prefixes.append((prefix, entry))
        }
        return problems
    }

    /// Whether the prefixes of one keep names from another.
    ///
    /// Those of what pgsonde comes with do not: what has such a name was there before, and what is declared late gives way to it.
    private func bars(_ one: Registry.Entry, _ other: Registry.Entry) -> Bool {
        one.collector.name != other.collector.name && one.origin != Registry.Entry.builtIn
    }

    /// Gives a collector's names back.
    package mutating func release(_ entry: Registry.Entry) {
        collectors[entry.collector.name] = nil
        for name in entry.collector.metrics.flatMap(\.names) { families[name] = nil }
        prefixes.removeAll { $0.entry.collector.name == entry.collector.name }
    }
}
