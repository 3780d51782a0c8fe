import Sonde

/// Reads the collector files of pg_exporter.
struct PgExporterReader {
    /// Keys that no other program's queries have.
    static let ownKeys: Set<String> = [
        "desc", "ttl", "timeout", "min_version", "max_version", "tags", "skip", "fatal", "predicate_queries",
        "priority",
    ]
    private static let keys = ["name", "query", "metrics"] + ownKeys.sorted()
    private static let columnKeys = ["name", "usage", "rename", "description", "default", "scale", "bucket"]

    private var decoder: ForeignDecoder

    /// Reads a file's queries.
    ///
    /// - Throws: everything that is wrong.
    static func queries(in document: YAMLNode, file: String) throws(FileProblems) -> [ForeignQuery] {
        var reader = PgExporterReader(decoder: ForeignDecoder(file: file))
        var queries: [ForeignQuery] = []
        for entry in reader.decoder.decoder.entries(document, "the file") ?? [] {
            guard var query = reader.read(entry) else { continue }
            query.notes = reader.decoder.takeNotes() + query.notes
            query.checkItself()
            queries.append(query)
        }
        try reader.decoder.decoder.finish()
        return Branches.joined(queries)
    }

    private mutating func read(_ entry: YAMLNode.Entry) -> ForeignQuery? {
        guard let key = decoder.decoder.word(entry.key, "a collector's name"),
            let keys = decoder.mapping(entry.value, key, keys: Self.keys)
        else { return nil }
        guard let text = keys["query"].flatMap({ decoder.decoder.text($0, "query") }) else {
            decoder.decoder.report(entry.key, "\(key) needs the key \"query\": add it")
            return nil
        }
        let name = keys["name"].flatMap { decoder.decoder.word($0, "name") } ?? key
        let help = keys["desc"].flatMap { $0.text } ?? ""
        let statement = StatementText(text)
        var query = ForeignQuery(
            key: key, node: entry.key, name: ForeignQuery.name(of: key), prefix: name, ownPrefix: key,
            help: help.isEmpty ? "The collector \(key)" : help, body: text)
        query.every = keys["ttl"].flatMap { decoder.seconds($0, "ttl") }
        if let node = keys["timeout"], let seconds = decoder.number(node, "timeout"), seconds > 0, seconds < 3_600 {
            // What the query is allowed is counted from the answer before, over the network.
            let timeout = max(Duration.seconds(1), .nanoseconds(Int64(seconds * 1e9)))
            query.timeout = timeout
            if timeout > query.interval {
                decoder.note(node, "the timeout is cut to the interval, \(DurationText.text(query.interval))")
            }
        }
        if keys["skip"].flatMap({ decoder.flag($0, "skip") }) == true { query.isEnabled = false }
        if let node = keys["fatal"], decoder.flag(node, "fatal") == true {
            decoder.note(node, "fatal is left out: pg_up is 1 as long as the server answers")
        }
        query.per = .database
        readTags(keys["tags"], into: &query)
        let isConsole = query.kind == .pgbouncer
        let low = keys["min_version"].flatMap { decoder.decoder.int($0, "min_version", in: 0...99_999_999) } ?? 0
        let high = keys["max_version"].flatMap { decoder.decoder.int($0, "max_version", in: 0...99_999_999) } ?? 0
        if statement.hasMore { decoder.note(entry.key, "only the first of its statements is kept") }
        let conditions = query.require(predicates(keys["predicate_queries"]), of: statement)
        var more: [(sql: String, name: String)] = []
        let isSnapshot = readColumns(keys["metrics"], of: &query, statement, adding: &more)
        if isSnapshot.isEmpty {
            query.body = isConsole ? statement.body : statement.wrapped(adding: more, if: conditions)
        } else {
            let labels = query.columns.filter { $0.kind == .label }.compactMap(\.sql.everywhere)
            query.body = ForeignSQL.snapshot(of: statement.wrapped(adding: [], if: conditions), isSnapshot, by: labels)
        }
        if isConsole {
            (query.per, query.searchPath) = (.server, nil)
            if low > 0 || high > 0 {
                decoder.note(entry.key, "versions of PgBouncer are left out: what one does not have costs nothing here")
            }
        }
        query.versions = VersionRanges(from: low, to: high)
        query.assemble()
        if !isConsole, !query.versions.isKnown {
            decoder.note(entry.key, "it is for versions before 13 only, which pgsonde does not know")
        }
        return query
    }

    /// Where it runs.
    private mutating func readTags(_ node: YAMLNode?, into query: inout ForeignQuery) {
        guard let node else { return }
        for item in decoder.decoder.items(node, "tags") ?? [] {
            guard let tag = decoder.decoder.word(item, "a tag") else { continue }
            let parts = tag.split(separator: ":", maxSplits: 1).map(String.init)
            switch (parts[0], parts.count > 1 ? parts[1] : nil) {
            case ("cluster", nil): query.per = .server
            case ("primary", nil), ("master", nil), ("leader", nil): query.on = .primary
            case ("standby", nil), ("replica", nil), ("slave", nil): query.on = .standby
            case ("pgbouncer", nil), ("dbname", "pgbouncer"?): query.kind = .pgbouncer
            case ("extension", let name?): query.requires.extensions.append(name)
            case (_, nil):
                query.isEnabled = false
                decoder.note(
                    item,
                    "it runs only where pg_exporter was given the tag \(Spelling.quoted(tag)), and here where it is switched on"
                )
            default: decoder.note(item, "the tag \(Spelling.quoted(tag)) is left out")
            }
        }
    }

    /// The unit that a number scaled so was in; nil for none that is known.
    private static func unit(_ scale: String?) -> Sonde.Unit? {
        switch scale.map({ Double($0) }) {
        case nil, 1: .count
        case 1e-3: .milliseconds
        case 1e-6: .microseconds
        default: nil
        }
    }

    private mutating func predicates(_ node: YAMLNode?) -> [String] {
        guard let node else { return [] }
        var found: [String] = []
        for item in decoder.decoder.items(node, "predicate_queries") ?? [] {
            guard let keys = decoder.mapping(item, "a predicate query", keys: ["name", "predicate_query", "ttl"]) else {
                continue
            }
            guard let text = keys["predicate_query"].flatMap({ decoder.decoder.text($0, "predicate_query") }) else {
                decoder.decoder.report(item, "a predicate query needs the key \"predicate_query\": add it")
                continue
            }
            found.append(text)
        }
        return found
    }

    /// Reads the columns.
    ///
    /// - Returns: those whose rows are to be counted by how large they are, with their bounds.
    private mutating func readColumns(
        _ node: YAMLNode?, of query: inout ForeignQuery, _ statement: StatementText,
        adding more: inout [(sql: String, name: String)]
    ) -> [(column: String, bounds: [String])] {
        var snapshots: [(column: String, bounds: [String])] = []
        for item in node.flatMap({ decoder.decoder.items($0, "metrics") }) ?? [] {
            for entry in decoder.decoder.entries(item, "an item of metrics") ?? [] {
                guard let key = decoder.decoder.word(entry.key, "a column's name"),
                    let keys = decoder.mapping(entry.value, "column \(key)", keys: Self.columnKeys)
                else { continue }
                let column = keys["name"].flatMap { $0.text } ?? key
                let name = keys["rename"].flatMap { $0.text } ?? column
                let text = keys["description"].flatMap { $0.text } ?? ""
                let help = text.isEmpty ? "The column \(column)" : text
                switch keys["usage"]?.text?.uppercased() {
                case "DISCARD": continue
                case "LABEL": query.columns.append(.label(name, SQL(column)))
                case "HISTOGRAM" where query.kind == .pgbouncer:
                    decoder.note(entry.key, "\(name) is left out: rows of the console are not counted")
                case "HISTOGRAM":
                    let bounds = (keys["bucket"].flatMap { decoder.decoder.words($0, "bucket") } ?? [])
                    for bound in bounds where Double(bound)?.isFinite != true {
                        decoder.decoder.report(entry.key, "\(Spelling.quoted(bound)) is no bound: write a number")
                    }
                    snapshots.append((column, bounds))
                    query.columns.append(
                        Column(
                            .histogram, name, SQL(column), help: help,
                            histogram: .init(
                                buckets: SQL("\(column)_bucket"), sum: SQL("\(column)_sum"),
                                count: SQL("\(column)_count"))))
                    decoder.note(entry.key, "\(name) is a histogram by its type, and not three gauges")
                case "GAUGE", "COUNTER":
                    let kind: Column.Kind = keys["usage"]?.text?.uppercased() == "GAUGE" ? .gauge : .counter
                    let scale = keys["scale"].flatMap { decoder.number($0, "scale") == nil ? nil : $0.text }
                    let fill = keys["default"].flatMap { decoder.number($0, "default") == nil ? nil : $0.text }
                    if query.kind == .pgbouncer {
                        guard let unit = Self.unit(scale), fill == nil else {
                            decoder.note(entry.key, "\(name) is left out: nothing is computed in the console")
                            continue
                        }
                        query.columns.append(
                            ForeignQuery.column(kind, name, from: column, in: unit, help: help, prefix: query.prefix))
                        continue
                    }
                    var source = column
                    var unit = statement.unit(of: column)
                    if scale != nil || fill != nil {
                        source = "\(column)_shown"
                        more.append((ForeignSQL.scaled(column, in: unit, by: scale, or: fill), source))
                        unit = .count
                    }
                    query.columns.append(
                        ForeignQuery.column(kind, name, from: source, in: unit, help: help, prefix: query.prefix))
                default:
                    decoder.decoder.report(
                        entry.key, "column \(key): write usage: LABEL, GAUGE, COUNTER, HISTOGRAM or DISCARD")
                }
            }
        }
        guard !snapshots.isEmpty else { return [] }
        for column in query.columns where column.kind != .label && column.kind != .histogram {
            decoder.note(query.node, "\(column.name) is left out: rows are counted here, and not shown one by one")
        }
        query.columns.removeAll { $0.kind != .label && $0.kind != .histogram }
        return snapshots
    }
}
