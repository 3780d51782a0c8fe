import Sonde

/// Queries of one file that show metrics of the same names, each where the others do not: by version, or by the server's role.
struct Branches {
    private var parts: [ForeignQuery]

    /// Brings together what shows the same metrics, and gives names of its own to what may run at the same time.
    static func joined(_ queries: [ForeignQuery]) -> [ForeignQuery] {
        var all: [Branches] = []
        for query in queries {
            if let place = all.indices.first(where: { all[$0].takes(query) }) {
                all[place].parts.append(query)
            } else {
                all.append(Branches(parts: [query]))
            }
        }
        return apart(all.map(\.query))
    }

    /// Whether a query never runs where another one of them does, and is else for the same.
    private func takes(_ query: ForeignQuery) -> Bool {
        guard query.definition != nil, let first = parts.first, first.definition != nil else { return false }
        return first.prefix == query.prefix && first.kind == query.kind && first.per == query.per
            && first.databases == query.databases
            && first.isEnabled == query.isEnabled && (query.kind == .postgresql || first.body == query.body)
            && parts.allSatisfy { Self.exclude($0, query) }
    }

    private static func exclude(_ one: ForeignQuery, _ other: ForeignQuery) -> Bool {
        one.versions.intersection(other.versions).spans.isEmpty || Set([one.on, other.on]) == [.primary, .standby]
    }

    // MARK: - One query of several

    private var query: ForeignQuery {
        var query = parts[0]
        guard parts.count > 1 else { return query }
        for part in parts.dropFirst() {
            query.every = [query.every, part.every].compactMap { $0 }.min()
            query.timeout = [query.timeout, part.timeout].compactMap { $0 }.max()
            query.notes += ["with \(part.key), line \(part.node.line)"] + part.notes
        }
        query.columns = columns
        let texts = parts.map { (versions: $0.versions, part: $0) }
        if Set(parts.map(\.on)).count > 1 {
            query.on = .any
            query.columns = query.columns.map(Self.named)
            query.notes.append("the statement asks for the server's role; types of one column must go together in it")
            let columns = query.columns
            query.query = VersionRanges.sql(texts) { Self.union($0, columns) } ?? query.query
        } else if query.kind == .postgresql {
            query.query = VersionRanges.sql(texts) { $0[0].body } ?? query.query
        }
        for name in query.requires.extensions where !parts.allSatisfy({ $0.requires.extensions.contains(name) }) {
            query.notes.append("the extension \(name) is not required: what needs it is unavailable without it")
        }
        query.requires.extensions.removeAll { name in !parts.allSatisfy { $0.requires.extensions.contains(name) } }
        query.requires.relations.removeAll { name in !parts.allSatisfy { $0.requires.relations.contains(name) } }
        return query
    }

    /// The columns of all of them, each with what it is called in the versions that have it.
    private var columns: [Column] {
        var columns: [Column] = []
        for column in parts.flatMap(\.columns) where !columns.contains(where: { $0.name == column.name }) {
            let same = parts.compactMap { part in
                part.columns.first { $0.name == column.name && $0.kind == column.kind }
                    .map { (versions: part.versions, part: $0) }
            }
            guard column.sql.everywhere != nil, parts.allSatisfy({ $0.kind == .postgresql }) else {
                columns.append(column)
                continue
            }
            let sql = { (source: (Column) -> SQL?) in
                VersionRanges.sql(same) { $0.first.flatMap(source)?.everywhere ?? column.name } ?? column.sql
            }
            let histogram = column.histogram.map { _ in
                Column.Histogram(
                    buckets: sql { $0.histogram?.buckets }, sum: sql { $0.histogram?.sum },
                    count: sql { $0.histogram?.count })
            }
            columns.append(Self.copy(column, sql { $0.sql }, histogram: histogram, metric: column.metric))
        }
        return columns
    }

    /// A column whose parts are called by their own names in the statement.
    private static func named(_ column: Column) -> Column {
        let histogram = column.histogram.map { _ in
            Column.Histogram(
                buckets: SQL("\(column.name)_bucket"), sum: SQL("\(column.name)_sum"),
                count: SQL("\(column.name)_count"))
        }
        return copy(column, SQL(column.name), histogram: histogram, metric: column.metric)
    }

    private static func copy(_ column: Column, _ sql: SQL, histogram: Column.Histogram?, metric: String?) -> Column {
        Column(
            column.kind, column.name, sql, in: column.unit, help: column.help, metric: metric, histogram: histogram,
            other: column.other, states: column.states)
    }

    /// The rows of each query, where the server has the role that it is for.
    private static func union(_ parts: [ForeignQuery], _ columns: [Column]) -> String {
        parts.map { part in
            let nulls = StatementText(part.body).nullColumns
            let sources = part.columns.flatMap(\.parts).reduce(into: [String: String]()) {
                $0[$1.name] = $1.sql.everywhere
            }
            let list = columns.flatMap { column in
                column.parts.map { one in
                    let name = Identifier.quoted(one.name)
                    // A NULL of no type takes that of the other rows only where it stands by itself.
                    guard let source = sources[one.name], !nulls.contains(source) else { return "NULL AS \(name)" }
                    return "\(ForeignSQL.column(source))\(column.kind == .label ? "::text" : "") AS \(name)"
                }
            }
            let text = "SELECT \(list.joined(separator: ",\n  "))\nFROM (\n\(part.body)\n) AS q"
            switch part.on {
            case .any: return text
            case .primary: return "\(text)\nWHERE NOT (SELECT pg_is_in_recovery())"
            case .standby: return "\(text)\nWHERE (SELECT pg_is_in_recovery())"
            }
        }.joined(separator: "\nUNION ALL\n")
    }

    // MARK: - Names of their own

    /// Queries without a metric of the same name, since several may run on one server.
    private static func apart(_ queries: [ForeignQuery]) -> [ForeignQuery] {
        var owners: [String: String] = [:]
        return queries.map { query in
            var query = query
            guard let definition = query.definition else { return query }
            var renamed: [(old: String, new: String, owner: String)] = []
            query.columns = query.columns.map { column in
                let old = definition.name(of: column)
                guard column.kind.isMetric, let owner = owners[old] else { return column }
                var new = "\(query.ownPrefix)_\(column.name)"
                var number = 1
                while owners[new] != nil || renamed.contains(where: { $0.new == new }) {
                    number += 1
                    new = "\(query.ownPrefix)_\(number)_\(column.name)"
                }
                renamed.append((old, new, owner))
                return copy(column, column.sql, histogram: column.histogram, metric: new)
            }
            for owner in Set(renamed.map(\.owner)).sorted() {
                let names = renamed.filter { $0.owner == owner }.map { "\($0.old) is \($0.new) here" }
                query.notes.append(
                    "\(owner) has metrics of the same names and may run at the same time: \(names.joined(separator: ", "))"
                )
            }
            for metric in query.definition?.metrics ?? [] { owners[metric.name] = query.key }
            return query
        }
    }
}
