import Sonde

/// Reads the `queries.yaml` of postgres_exporter, and CloudNativePG's, which has a few keys more.
struct QueriesReader {
    private static let keys = ["query", "metrics", "master", "cache_seconds", "runonserver"]
    /// What CloudNativePG has added to a query.
    static let addedKeys: Set<String> = ["predicate_query", "target_databases", "primary", "name"]
    private static let columnKeys = ["usage", "description", "metric_mapping", "pg_version"]

    /// What a column of a query's is there.
    private struct Mapping {
        let column: String
        let usage: String
        var name: String
        var help: String
        /// Numbers by texts.
        var values: [(text: String, number: String)] = []
    }

    private var decoder: ForeignDecoder
    private let isCloudNative: Bool
    private let discovers: Bool
    private let isLiteral: Bool

    /// Reads a file's queries.
    ///
    /// - Parameters:
    ///   - document: queries by their names.
    ///   - file: the file's name, for problems.
    ///   - format: whose it is.
    ///   - discovers: whether queries that are not `master` run in every database, as by `--auto-discover-databases`.
    ///   - isLiteral: whether what postgres_exporter reads and does not heed is not heeded here either.
    /// - Returns: the queries, in the order of the file.
    /// - Throws: everything that is wrong.
    static func queries(
        in document: YAMLNode, file: String, of format: ForeignFormat, discovers: Bool,
        isLiteral: Bool = false
    ) throws(FileProblems) -> [ForeignQuery] {
        var reader = QueriesReader(
            decoder: ForeignDecoder(file: file), isCloudNative: format == .cloudNativePG, discovers: discovers,
            isLiteral: isLiteral)
        var queries: [ForeignQuery] = []
        for entry in reader.decoder.decoder.entries(document, "the file") ?? [] {
            if var query = reader.read(entry) {
                query.notes = reader.decoder.takeNotes() + query.notes
                query.checkItself()
                queries.append(query)
            }
        }
        try reader.decoder.decoder.finish()
        return Branches.joined(queries)
    }

    private mutating func read(_ entry: YAMLNode.Entry) -> ForeignQuery? {
        guard let key = decoder.decoder.word(entry.key, "a query's name") else { return nil }
        let known = Self.keys + (isCloudNative ? Self.addedKeys.sorted() : [])
        guard let keys = decoder.mapping(entry.value, key, keys: known) else { return nil }
        let text = keys["query"].flatMap { decoder.decoder.text($0, "query") } ?? ""
        let statement = StatementText(text)
        let name = keys["name"].flatMap { decoder.decoder.word($0, "name") } ?? key
        var query = ForeignQuery(
            key: key, node: entry.key, name: ForeignQuery.name(of: key),
            prefix: isCloudNative ? "cnpg_\(name)" : name, ownPrefix: isCloudNative ? "cnpg_\(key)" : nil,
            help: "The query \(key)", body: text)
        if isCloudNative { query.searchPath = "public" }
        query.every = keys["cache_seconds"].flatMap { decoder.seconds($0, "cache_seconds") }
        place(&query, keys)
        guard !statement.body.isEmpty else {
            decoder.note(entry.key, "it has no query, and shows nothing")
            return query
        }
        if statement.hasMore { decoder.note(entry.key, "only the first of its statements is kept") }
        let conditions = keys["predicate_query"].flatMap { decoder.decoder.text($0, "predicate_query") }
        let (more, found) = columns(keys["metrics"], of: statement, prefix: query.prefix)
        query.columns = whole(found.columns, of: statement, entry.key)
        if isLiteral { fillLabels(of: &query, statement, entry.key) }
        if !isCloudNative { addUnlisted(to: &query, statement, found.listed, entry.key) }
        let predicates = query.require(conditions.map { [$0] } ?? [], of: statement)
        query.body = statement.wrapped(adding: more, if: predicates)
        if let node = keys["runonserver"], node.text?.isEmpty == false {
            if isLiteral {
                decoder.note(node, "runonserver is not heeded, as there; pgsonde convert heeds it")
            } else {
                let versions = decoder.decoder.value(node, "runonserver") { text throws(ValueProblem) in
                    try VersionRanges(text)
                }
                query.versions = versions ?? .all
            }
        }
        query.assemble()
        if !query.versions.isKnown {
            decoder.note(entry.key, "it is for versions before 13 only, which pgsonde does not know")
        }
        return query
    }

    /// Where it runs.
    private mutating func place(_ query: inout ForeignQuery, _ keys: YAMLMapping) {
        let isMaster = keys["master"].flatMap { decoder.flag($0, "master") } ?? false
        guard isCloudNative else {
            // What is called so there is the database that was connected to first.
            query.per = discovers && !isMaster ? .database : .server
            return
        }
        let isPrimary = keys["primary"].flatMap { decoder.flag($0, "primary") } ?? false
        if isMaster || isPrimary { query.on = .primary }
        guard let node = keys["target_databases"], let databases = decoder.decoder.words(node, "target_databases")
        else { return }
        query.per = .database
        let unknown = databases.filter { $0.contains { "[\\".contains($0) } }
        guard unknown.isEmpty else {
            decoder.note(
                node,
                "it runs in every database: of patterns pgsonde knows * and ?, and not those of "
                    + unknown.map { Spelling.quoted($0) }.joined(separator: ", "))
            return
        }
        query.databases = Databases(include: databases)
    }

    /// The columns, those that are to be computed, and the names of all that are spoken of.
    private mutating func columns(
        _ node: YAMLNode?, of statement: StatementText, prefix: String
    ) -> ([(sql: String, name: String)], (columns: [Column], listed: Set<String>)) {
        var more: [(sql: String, name: String)] = []
        var columns: [(of: String, column: Column)] = []
        var listed: Set<String> = []
        for item in node.flatMap({ decoder.decoder.items($0, "metrics") }) ?? [] {
            for entry in decoder.decoder.entries(item, "an item of metrics") ?? [] {
                guard let mapping = mapping(entry) else { continue }
                listed.insert(mapping.column)
                // Of two with one name the later counts.
                columns.removeAll { $0.of == mapping.column }
                guard let column = column(mapping, entry.key, statement, prefix, adding: &more) else { continue }
                columns.append((mapping.column, column))
                if column.histogram != nil {
                    for part in ["bucket", "sum", "count"] { listed.insert("\(mapping.column)_\(part)") }
                }
            }
        }
        return (more, (columns.map(\.column), listed))
    }

    private mutating func mapping(_ entry: YAMLNode.Entry) -> Mapping? {
        guard let name = decoder.decoder.word(entry.key, "a column's name"),
            let keys = decoder.mapping(
                entry.value, "column \(name)", keys: Self.columnKeys + (isCloudNative ? ["name"] : []))
        else { return nil }
        let usage = keys["usage"].flatMap { $0.text } ?? ""
        let help = keys["description"].flatMap { $0.text } ?? ""
        var mapping = Mapping(column: name, usage: usage, name: name, help: help.isEmpty ? "The column \(name)" : help)
        if let own = keys["name"], let text = decoder.decoder.word(own, "name") { mapping.name = text }
        if let node = keys["pg_version"], node.text?.isEmpty == false {
            decoder.note(node, "pg_version is left out: a column that the query does not have costs nothing here")
        }
        for value in keys["metric_mapping"].flatMap({ decoder.decoder.entries($0, "metric_mapping") }) ?? [] {
            // Null is a text like any other there.
            let text = value.key.text ?? "null"
            guard decoder.number(value.value, "the number of \(text)") != nil, let number = value.value.text else {
                continue
            }
            mapping.values.append((text, number))
        }
        return mapping
    }

    private mutating func column(
        _ mapping: Mapping, _ node: YAMLNode, _ statement: StatementText, _ prefix: String,
        adding more: inout [(sql: String, name: String)]
    ) -> Column? {
        let name = mapping.column
        let make = { (kind: Column.Kind, name: String, column: String) in
            ForeignQuery.column(
                kind, name, from: column, in: statement.unit(of: column), help: mapping.help, prefix: prefix)
        }
        switch mapping.usage {
        case "DISCARD": return nil
        case "LABEL":
            if name == "server" {
                decoder.note(node, "the label server is left out: pgsonde adds its own")
                return nil
            }
            return make(.label, name, name)
        case "COUNTER": return make(.counter, mapping.name, name)
        case "GAUGE": return make(.gauge, mapping.name, name)
        case "HISTOGRAM":
            return Column(
                .histogram, mapping.name, SQL(name), help: mapping.help,
                histogram: Column.Histogram(
                    buckets: SQL("\(name)_bucket"), sum: SQL("\(name)_sum"), count: SQL("\(name)_count")))
        case "MAPPEDMETRIC" where mapping.values.isEmpty:
            decoder.note(node, "\(name) has no metric_mapping: it is shown as the number that it is")
            return make(.gauge, mapping.name, name)
        case "MAPPEDMETRIC" where isLiteral:
            decoder.note(
                node,
                "metric_mapping is not heeded, as there: \(name) is shown if it is a number; pgsonde convert heeds it")
            return make(.gauge, mapping.name, name)
        case "MAPPEDMETRIC":
            if !isCloudNative {
                decoder.note(node, "metric_mapping counts here; postgres_exporter does without \(name)")
            }
            more.append((ForeignSQL.mapped(name, mapping.values), "\(name)_mapped"))
            return make(.gauge, mapping.name, "\(name)_mapped")
        case "DURATION" where isLiteral:
            decoder.note(
                node, "\(name) is shown if it is a number, as there; pgsonde convert reads texts such as 10ms")
            return make(.gauge, "\(mapping.name)_milliseconds", name)
        case "DURATION":
            if !isCloudNative {
                decoder.note(
                    node, "texts such as 10ms are read here; postgres_exporter shows \(name) only if it is a number")
            }
            more.append((ForeignSQL.milliseconds(name), "\(name)_milliseconds"))
            return make(.gauge, "\(mapping.name)_milliseconds", "\(name)_milliseconds")
        default:
            let usages = ["LABEL", "GAUGE", "COUNTER", "HISTOGRAM", "DISCARD", "DURATION", "MAPPEDMETRIC"]
            let meant = Spelling.nearest(mapping.usage, among: usages).map { "; did you mean \($0)?" } ?? ""
            decoder.note(
                node, "\(name) is not shown: its usage is \(Spelling.quoted(mapping.usage)), which is none\(meant)")
            return nil
        }
    }

    /// The columns without histograms that the query does not have the parts of.
    private mutating func whole(_ columns: [Column], of statement: StatementText, _ node: YAMLNode) -> [Column] {
        let (names, isComplete) = statement.columnNames
        guard isComplete else { return columns }
        return columns.filter { column in
            guard column.histogram != nil,
                let missing = column.parts.compactMap(\.sql.everywhere).first(where: { !names.contains($0) })
            else { return true }
            decoder.note(node, "the histogram \(column.name) is left out: the query has no column \(missing)")
            return false
        }
    }

    /// A label that the query has no column for has the value of its first column there.
    private mutating func fillLabels(of query: inout ForeignQuery, _ statement: StatementText, _ node: YAMLNode) {
        let (names, isComplete) = statement.columnNames
        guard isComplete, let first = names.first else { return }
        query.columns = query.columns.map { column in
            guard column.kind == .label, !names.contains(column.name) else { return column }
            decoder.note(
                node, "the label \(column.name) is no column of the query, and has the value of \(first), as there")
            return .label(column.name, SQL(first))
        }
    }

    /// Columns that are not spoken of are shown without a type there.
    private mutating func addUnlisted(
        to query: inout ForeignQuery, _ statement: StatementText, _ listed: Set<String>, _ node: YAMLNode
    ) {
        let (names, isComplete) = statement.columnNames
        let unlisted = names.filter { !listed.contains($0) && Metric.isName("\(query.prefix)_\($0)") }
        for name in unlisted where !query.columns.contains(where: { $0.name == name }) {
            query.columns.append(
                ForeignQuery.column(
                    .untyped, name, from: name, in: statement.unit(of: name), help: "Unknown metric from \(query.key)",
                    prefix: query.prefix))
        }
        if !unlisted.isEmpty {
            decoder.note(
                node, "\(unlisted.joined(separator: ", ")): not under metrics, and therefore without a type, as there")
        }
        if !isComplete {
            decoder.note(
                node, "columns that metrics does not name are not shown; postgres_exporter shows those that are numbers"
            )
        }
    }
}
