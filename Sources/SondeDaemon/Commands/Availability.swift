import Sonde

/// The versions in which a definition, or one of its columns, gives something, as people write them: `13+`, `14–17`.
struct Availability {
    /// The versions of a kind of server that the text is about; the last one stands for all later ones.
    private static func versions(of kind: ServerKind) -> [Version] {
        switch kind {
        case .postgresql: (13...19).map { Version($0) }
        case .pgbouncer: (18...26).map { Version(1, $0) }
        }
    }

    /// All versions of a kind of server that there is support for.
    static func all(of kind: ServerKind) -> String {
        ranges(versions(of: kind)) { _ in true }
    }

    private let definition: Definition

    init(_ definition: Definition) {
        self.definition = definition
    }

    private var source: SQL { definition.query ?? definition.from }

    /// Where the definition gives anything at all.
    var text: String {
        let columns = definition.columns.filter { $0.kind != .label }
        return text { version in columns.contains { $0.sql.text(for: version) != nil } }
    }

    /// Where a column gives something.
    func text(of column: Column) -> String {
        text { column.sql.text(for: $0) != nil }
    }

    private func text(where isThere: (Version) -> Bool) -> String {
        let isThere = { (version: Version) in self.source.text(for: version) != nil && isThere(version) }
        guard case .extension(let name) = definition.axis else {
            return Self.ranges(Self.versions(of: definition.kind), where: isThere)
        }
        let eras = (definition.columns.flatMap(\.sql.eras) + source.eras).map(\.since)
        let ranges = Self.ranges(Set(eras).sorted(), where: isThere)
        return ranges.isEmpty ? name : "\(name) \(ranges)"
    }

    /// The stretches of versions that have it, of versions in order, each of which stands for all up to the next.
    private static func ranges(_ versions: [Version], where isThere: (Version) -> Bool) -> String {
        var ranges: [String] = []
        var since: Version?
        for (index, version) in versions.enumerated() {
            let has = isThere(version)
            if has, since == nil { since = version }
            let isLast = index == versions.count - 1
            guard let start = since, !has || isLast else { continue }
            if has {
                ranges.append(start == Version(0) ? "" : "\(start)+")
            } else {
                let end = versions[index - 1]
                ranges.append(start == end ? "\(start)" : "\(start)–\(end)")
                since = nil
            }
        }
        return ranges.joined(separator: ", ")
    }
}
