import Logging
import Sonde

/// Reads definitions as ``DefinitionEncoder`` writes them, and as people do.
struct DefinitionDecoder {
    /// The keys of a definition, in the order in which they are written.
    static let keys = [
        "name", "help", "prefix", "from", "query", "search_path", "columns", "kind", "per", "databases", "on", "axis",
        "requires",
        "cost", "every",
        "timeout",
        "expire",
        "group", "each", "limit", "enabled",
    ]
    /// The keys of a column: one of the kinds, whose value is the column's name, and what belongs to it.
    static let columnKeys =
        Column.Kind.allCases.map(\.rawValue) + [
            "sql", "bounds", "buckets", "sum", "count", "states", "in", "other", "help", "metric",
        ]
    /// The keys that only a histogram has.
    static let histogramKeys = ["buckets", "sum", "count"]
    /// The keys of `limit`.
    static let limitKeys = ["rows", "per_server", "by", "since", "cap", "series"]
    /// The most series that a definition of a file gives where nothing else is said.
    static let usualSeries = 10_000
    /// The keys of `requires`.
    static let requiresKeys = ["extensions", "privileges", "settings", "relations"]

    private var decoder: YAMLDecoder
    /// Whether names of what is elsewhere in the definition are looked at.
    private let checks: Bool

    /// Reads a file: one definition, a list of them, or several documents of either.
    ///
    /// - Parameters:
    ///   - bytes: the file's.
    ///   - file: its name, for problems.
    ///   - checks: whether what is wrong with a definition by itself, as the registry sees it, is a problem too.
    /// - Returns: the definitions, each with its place.
    /// - Throws: everything that is wrong.
    static func definitions(
        in bytes: [UInt8], file: String, checks: Bool = true
    ) throws(FileProblems) -> [PlacedDefinition] {
        try collectors(in: bytes, file: file, checks: checks).compactMap(\.definition)
    }

    /// Reads a file that may hold commands, too.
    ///
    /// - Parameters:
    ///   - bytes: the file's.
    ///   - file: its name, for problems.
    ///   - checks: whether what is wrong with a definition by itself, as the registry sees it, is a problem too.
    ///   - logger: what hears of what commands say; nil where the user has not allowed commands.
    /// - Returns: the collectors, each with the line that it begins in.
    /// - Throws: everything that is wrong.
    static func collectors(
        in bytes: [UInt8], file: String, checks: Bool = true, logger: Logger? = nil
    ) throws(FileProblems) -> [PlacedCollector] {
        let documents = try YAMLParser.documents(in: bytes, file: file)
        var reader = DefinitionDecoder(decoder: YAMLDecoder(file: file), checks: checks)
        var found: [PlacedCollector] = []
        for document in documents where !document.isNull {
            var nodes = [document]
            if case .sequence(let items) = document.content { nodes = items }
            for node in nodes {
                if ExecDecoder.isExec(node) {
                    let collector = ExecDecoder.read(node, logger: logger, &reader.decoder)
                    if let collector { found.append(PlacedCollector(collector: collector, file: file, node: node)) }
                    continue
                }
                let before = reader.decoder.problems.count
                guard let definition = reader.readDefinition(node) else { continue }
                if checks, reader.decoder.problems.count == before {
                    let placed = PlacedDefinition(definition: definition, file: file, node: node)
                    for problem in Registry.problems(of: definition) + definition.timing.problems {
                        reader.decoder.report(placed.place(ofProblem: problem), problem)
                    }
                    for (what, problem) in StatementRule.problems(of: definition) {
                        reader.decoder.report(placed.place(of: what[...]), problem)
                    }
                }
                found.append(PlacedCollector(collector: definition, file: file, node: node))
            }
        }
        try reader.decoder.finish()
        guard !found.isEmpty else {
            throw FileProblems(problems: [
                FileProblem(file, "there is no definition in it: write one, or remove the file")
            ])
        }
        return found
    }

    /// A definition; nil where something is wrong that was reported.
    private mutating func readDefinition(_ node: YAMLNode) -> Definition? {
        if node.isNull {
            decoder.report(node, "a definition is nothing where a mapping is needed: write keys and values, one a line")
            return nil
        }
        let hints = [
            "sql": "did you mean \"from\" or \"query\"?", "metrics": "did you mean \"columns\"?",
        ]
        guard let keys = decoder.mapping(node, "a definition", keys: Self.keys, hints: hints) else { return nil }
        let name = required("name", keys).flatMap { decoder.word($0, "name") }
        let help = required("help", keys).flatMap { decoder.text($0, "help") }
        let query = keys["query"].flatMap { readSQL($0, "query") }
        let searchPath = keys["search_path"].flatMap { decoder.word($0, "search_path") }
        let isWhole = keys["query"] != nil
        let from = (isWhole ? keys["from"] : required("from", keys)).flatMap { readSQL($0, "from") }
        let columns = required("columns", keys).flatMap {
            readColumns($0, byName: isWhole, takesBounds: keys["from"] != nil)
        }
        let kind: ServerKind? = keys["kind"].flatMap { decoder.choice($0, "kind") }
        let prefix = keys["prefix"].flatMap { decoder.word($0, "prefix") }
        let per: Scope? = keys["per"].flatMap { decoder.choice($0, "per") }
        let databases = keys["databases"].flatMap { DatabasesDecoder.read($0, &decoder) }
        let on: ServerRole? = keys["on"].flatMap { decoder.choice($0, "on") }
        let axis = keys["axis"].flatMap { readAxis($0) }
        let requires = keys["requires"].flatMap { readRequirements($0) }
        let cost: Cost? = keys["cost"].flatMap { decoder.choice($0, "cost") }
        let times = ["every", "timeout", "expire"].map { key in
            let least: Duration = key == "every" ? .milliseconds(100) : .nanoseconds(1)
            return keys[key].flatMap { decoder.duration($0, key, from: least, to: DurationText.longest) }
        }
        // Who asks often has not got longer than until the next time.
        let timeout = times[1] ?? times[0].map { min($0, (cost ?? .light).timing.timeout) }
        let limit = keys["limit"].flatMap { readLimit($0, columns) }
        let flags = ["group", "each", "enabled"].map { key in keys[key].flatMap { decoder.bool($0, key) } }
        guard let name, let help, let columns, (isWhole ? query : from) != nil else { return nil }
        var definition = Definition(
            name, help: help, prefix: prefix, from: from, query: query, searchPath: searchPath, columns: columns,
            kind: kind ?? .postgresql, per: per ?? .server, databases: databases ?? .all, on: on ?? .any,
            axis: axis ?? .server,
            requires: requires ?? Definition.Requirements(), cost: cost ?? .light, every: times[0], timeout: timeout,
            expire: times[2], group: flags[0] ?? false, each: flags[1] ?? false, limit: limit?.rows,
            enabled: flags[2] ?? true)
        definition.mostSeries = limit?.series
        return definition
    }

    private mutating func required(
        _ key: String, _ keys: YAMLMapping, of what: String = "a definition"
    ) -> YAMLNode? {
        if let node = keys[key] { return node }
        decoder.report(keys.node, "\(what) needs the key \"\(key)\": add it")
        return nil
    }

    /// The columns; of a whole query, what stands for SQL is a name.
    private mutating func readColumns(_ node: YAMLNode, byName: Bool, takesBounds: Bool) -> [Column]? {
        guard let items = decoder.items(node, "columns") else { return nil }
        let columns = items.compactMap { readColumn($0, byName: byName, takesBounds: takesBounds) }
        return columns.count == items.count ? columns : nil
    }

    private mutating func readColumn(_ node: YAMLNode, byName: Bool, takesBounds: Bool) -> Column? {
        let hints = [
            "name": "write the kind as the key, as in \"gauge: connections\"", "unit": "did you mean \"in\"?",
            "type": "write the kind as the key, as in \"gauge: connections\"",
        ]
        guard !node.isNull, let keys = decoder.mapping(node, "a column", keys: Self.columnKeys, hints: hints) else {
            if node.isNull { decoder.report(node, "a column is nothing: write one, as in \"gauge: connections\"") }
            return nil
        }
        let kinds = Column.Kind.allCases.filter { keys[$0.rawValue] != nil }
        guard let kind = kinds.first, kinds.count == 1, let nameNode = keys[kind.rawValue] else {
            let names = Column.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            decoder.report(
                node, "a column has \(kinds.isEmpty ? "no kind" : "two kinds"): write one of \(names), with its name")
            return nil
        }
        let name = decoder.word(nameNode, kind.rawValue)
        let what = "column \(name ?? "")"
        if keys["sql"] == nil, !byName { decoder.report(node, "\(what) needs the key \"sql\": add it") }
        let sql = keys["sql"].map { readSQL($0, "sql") } ?? name.map { SQL($0) }
        let bounds =
            kind == .histogram ? keys["bounds"].flatMap { readBounds($0, keys, isTaken: takesBounds || !byName) } : nil
        let histogram = keys["bounds"] != nil && kind == .histogram ? nil : readHistogram(keys, kind, what)
        let states = keys["states"].flatMap { decoder.words($0, "states") }
        if kind == .stateset, keys["states"] == nil {
            decoder.report(node, "\(what) needs the key \"states\": add the states that there are")
        } else if kind != .stateset, let node = keys["states"] {
            decoder.report(node, "states is for state sets: remove the key")
        }
        let metric = keys["metric"].flatMap { decoder.word($0, "metric") }
        let help = keys["help"].flatMap { decoder.text($0, "help") }
        let unit: Unit? = keys["in"].flatMap { decoder.choice($0, "in") }
        let other: Fold? = keys["other"].flatMap { decoder.choice($0, "other") }
        if !kind.isMetric {
            if let node = keys["in"] { decoder.report(node, "a \(kind) has no unit: remove the key \"in\"") }
            if let node = keys["metric"] { decoder.report(node, "a \(kind) is no metric: remove the key \"metric\"") }
        } else if keys["help"] == nil {
            decoder.report(node, "\(what) needs the key \"help\": add a sentence that names view and column")
        }
        guard let name, let sql else { return nil }
        if let bounds {
            return .snapshot(name, sql, bounds: bounds, in: unit ?? .count, help: help ?? "", metric: metric)
        }
        return Column(
            kind, name, sql, in: unit ?? .count, help: help ?? "", metric: metric, histogram: histogram,
            other: other ?? .none, states: states ?? [])
    }

    /// The bounds of a histogram of what an expression is now: numbers that ascend.
    private mutating func readBounds(_ node: YAMLNode, _ keys: YAMLMapping, isTaken: Bool) -> [Double]? {
        guard isTaken else {
            decoder.report(node, "bounds is for definitions with \"from\": have the query give buckets, sum and count")
            return nil
        }
        for key in Self.histogramKeys {
            if let node = keys[key] { decoder.report(node, "\(key) and bounds exclude each other: remove one of them") }
        }
        guard let words = decoder.words(node, "bounds") else { return nil }
        let bounds = words.compactMap(Double.init).filter(\.isFinite)
        guard bounds.count == words.count, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            decoder.report(node, "bounds are not numbers that ascend: write them as in [0.1, 1, 10]")
            return nil
        }
        return bounds
    }

    /// What a histogram needs beside its bounds; the keys of it are wrong with any other kind.
    private mutating func readHistogram(_ keys: YAMLMapping, _ kind: Column.Kind, _ what: String) -> Column.Histogram? {
        guard kind == .histogram else {
            for key in ["bounds"] + Self.histogramKeys {
                if let node = keys[key] { decoder.report(node, "\(key) is for histograms: remove the key") }
            }
            return nil
        }
        for key in Self.histogramKeys where keys[key] == nil {
            decoder.report(keys.node, "\(what) needs the key \"\(key)\": add it")
        }
        let read = Self.histogramKeys.compactMap { key in keys[key].flatMap { readSQL($0, key) } }
        return read.count == 3 ? Column.Histogram(buckets: read[0], sum: read[1], count: read[2]) : nil
    }

    /// A text for all versions, or a mapping from the first version of each text; null where the thing is gone.
    private mutating func readSQL(_ node: YAMLNode, _ what: String) -> SQL? {
        switch node.content {
        case .scalar: return decoder.text(node, what).map { SQL($0) }
        case .sequence:
            decoder.report(node, "\(what) is a list: write a text, or a mapping from versions to texts")
            return nil
        case .mapping(let entries):
            var eras: [SQL.Era] = []
            var lines: [Version: Int] = [:]
            for entry in entries {
                guard let version = readVersion(entry.key) else { continue }
                if let line = lines.updateValue(entry.key.line, forKey: version) {
                    decoder.report(
                        entry.key, "version \(version) is there already, in line \(line): remove one of them")
                }
                if entry.value.isNull {
                    eras.append(SQL.Era(since: version, text: nil))
                } else if let text = decoder.text(entry.value, "\(what) of version \(version)") {
                    eras.append(SQL.Era(since: version, text: text))
                }
            }
            if entries.isEmpty { decoder.report(node, "\(what) has no version: write one, as in 13: a_column") }
            return eras.isEmpty || eras.count < entries.count ? nil : SQL(eras)
        }
    }

    private mutating func readVersion(_ node: YAMLNode) -> Version? {
        let text = node.text ?? ""
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = numbers.allSatisfy { Spelling.isNumber($0) && $0.utf8.count <= 9 }
        guard isPlain, numbers.count <= 2, let version = Version(text) else {
            decoder.report(node, "\(Spelling.quoted(text)) is not a version: write one like 17 or 1.10")
            return nil
        }
        return version
    }

    /// `server`, or the name of an extension; one that is called `server` is written `{extension: server}`.
    private mutating func readAxis(_ node: YAMLNode) -> Definition.Axis? {
        if case .mapping = node.content {
            guard let keys = decoder.mapping(node, "axis", keys: ["extension"]) else { return nil }
            guard let name = keys["extension"] else {
                decoder.report(node, "axis names no extension: write server, or the name of an extension")
                return nil
            }
            return decoder.word(name, "extension").map { .extension($0) }
        }
        guard let name = decoder.word(node, "axis") else { return nil }
        if checks, name != "server", Spelling.nearest(name, among: ["server"]) != nil {
            decoder.report(
                node,
                "axis: \(Spelling.quoted(name)): did you mean \"server\"? An extension of that name is {extension: \(name)}"
            )
        }
        return name == "server" ? .server : .extension(name)
    }

    private mutating func readLimit(_ node: YAMLNode, _ columns: [Column]?) -> (rows: Limit?, series: Int?)? {
        guard let keys = decoder.mapping(node, "limit", keys: Self.limitKeys) else { return nil }
        let most = 1 << 31 - 1
        let series = keys["series"].flatMap { decoder.int($0, "series", in: 1...1_000_000) }
        if keys["series"] != nil, Self.limitKeys.allSatisfy({ $0 == "series" || keys[$0] == nil }) {
            return (nil, series)
        }
        let rows = required("rows", keys, of: "limit").flatMap { decoder.int($0, "rows", in: 0...most) }
        let by = required("by", keys, of: "limit").flatMap { decoder.words($0, "by") }
        let perServer = keys["per_server"].flatMap { decoder.int($0, "per_server", in: 0...most) }
        let since = keys["since"].flatMap { readSQL($0, "since") }
        let cap = keys["cap"].flatMap { decoder.int($0, "cap", in: 1...most) }
        if checks, let node = keys["by"], let columns {
            checkRanks(node, among: columns.filter(\.isNumber).map(\.name))
        }
        guard let rows, let by else { return nil }
        return (Limit(rows: rows, perServer: perServer, by: by, since: since, cap: cap ?? Limit.usualCap), series)
    }

    /// What ranks the rows must be columns that are numbers.
    private mutating func checkRanks(_ node: YAMLNode, among names: [String]) {
        var items = [node]
        if case .sequence(let nodes) = node.content { items = nodes }
        for item in items {
            guard let name = item.text, !names.contains(name), !names.isEmpty else { continue }
            let advice = Spelling.advice(for: name, among: names)
            decoder.report(item, "by: \(Spelling.quoted(name)) is no gauge, counter or untyped column: \(advice)")
        }
    }

    private mutating func readRequirements(_ node: YAMLNode) -> Definition.Requirements? {
        guard let keys = decoder.mapping(node, "requires", keys: Self.requiresKeys) else { return nil }
        let grants = keys["privileges"].flatMap { decoder.words($0, "privileges") } ?? []
        return Definition.Requirements(
            extensions: keys["extensions"].flatMap { decoder.words($0, "extensions") } ?? [],
            // Membership in a role is granted by its name alone.
            roles: grants.filter { !Self.isPrivilege($0) },
            privileges: grants.filter { Self.isPrivilege($0) }.map { Privilege($0) },
            settings: keys["settings"].map { readSettings($0) } ?? [:],
            relations: keys["relations"].flatMap { decoder.words($0, "relations") } ?? [])
    }

    /// Whether a grant is one of a privilege, and not of a role.
    static func isPrivilege(_ grant: String) -> Bool {
        grant.contains { $0 == " " }
    }

    private mutating func readSettings(_ node: YAMLNode) -> [String: String] {
        var settings: [String: String] = [:]
        for entry in decoder.entries(node, "settings") ?? [] {
            guard let name = decoder.word(entry.key, "a setting's name"),
                let value = decoder.text(entry.value, "setting \(name)")
            else { continue }
            settings[name] = value
        }
        return settings
    }
}
