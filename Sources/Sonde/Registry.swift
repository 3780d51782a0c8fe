/// The collectors of a daemon, checked: nothing that two of them emit can clash.
public struct Registry: Sendable {
    /// A collector and where it came from.
    public struct Entry: Sendable {
        /// The collector.
        public let collector: any Collector
        /// What ``origin`` is of those that pgsonde comes with.
        package static let builtIn = "built in"

        /// Where it came from: `built in`, `of this program`, or a file.
        public let origin: String

        /// Makes an entry.
        public init(_ collector: any Collector, from origin: String = "built in") {
            self.collector = collector
            self.origin = origin
        }

        /// What it is called where something is wrong with it.
        package var title: String { "collector \(collector.name) (\(origin))" }
    }

    /// Everything that is wrong with a set of collectors, one line each.
    public struct Invalid: Error, Sendable, CustomStringConvertible {
        /// One line each.
        public let problems: [String]

        /// Every problem, one line each.
        public var description: String {
            problems.joined(separator: "\n")
        }
    }

    /// The collectors, in the order of the page.
    public let entries: [Entry]

    /// Checks a set of collectors.
    ///
    /// - Parameter entries: in the order of the page.
    /// - Throws: ``Invalid`` with every problem there is: bad names, and names that two collectors share.
    public init(_ entries: [Entry]) throws(Invalid) {
        var problems: [String] = []
        var claims = Claims()
        for entry in entries {
            problems += (claims.claim(entry) + Self.problems(of: entry.collector)).map { "\(entry.title): \($0)" }
        }
        guard problems.isEmpty else { throw Invalid(problems: problems) }
        self.entries = entries
    }

    /// What is wrong with one collector by itself, one line each.
    public static func problems(of collector: any Collector) -> [String] {
        var problems: [String] = []
        let name = collector.name
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        }
        if name.isEmpty || !isPlain {
            problems.append("name must be of lower-case letters, digits and _")
        }
        for (what, time) in [
            ("every", collector.timing.every), ("timeout", collector.timing.timeout),
            ("expire", collector.timing.expire),
        ] where time <= .zero {
            problems.append("\(what) must be longer than no time at all")
        }
        if collector.metrics.isEmpty, collector.prefixes.isEmpty {
            problems.append("it has no metric; add a gauge, counter or info column")
        }
        for prefix in collector.prefixes where !Metric.isName(prefix) {
            problems.append("\(prefix) is not what the name of a metric can begin with")
        }
        var wrongLabels: Set<String> = []
        for metric in collector.metrics {
            if !Metric.isName(metric.name) {
                problems.append("\(metric.name) is not a metric name: write letters, digits and _")
            }
            if isOurs(metric.name) {
                problems.append("\(metric.name) is a name that pgsonde itself shows: choose another")
            }
            if metric.help.isEmpty { problems.append("\(metric.name) has no help") }
            var labels: Set<String> = collector.per == .database ? ["server", "datname"] : ["server"]
            for label in metric.labels {
                // All metrics of a definition have the same labels.
                if !Metric.isLabel(label) || label == "le" || label == "quantile" {
                    guard wrongLabels.insert(label).inserted else { continue }
                    problems.append("\(label) cannot be a label's name")
                } else if !labels.insert(label).inserted, wrongLabels.insert(label).inserted {
                    problems.append("\(metric.name) has the label \(label) twice, or it is one that comes by itself")
                }
            }
        }
        if collector.databases != .all, collector.per != .database {
            problems.append("databases is for collectors that run per database: write per: database, or remove it")
        }
        if collector.databases.include.isEmpty { problems.append("databases: include lets none in") }
        problems += collector.questions.problems.map { "requires: \($0)" }
        if let definition = collector as? Definition { problems += Self.problems(of: definition) }
        return problems
    }

    /// Whether a family is the daemon's own, so that a collector's would stand there twice.
    private static func isOurs(_ name: String) -> Bool {
        ["pg_up", "pgbouncer_up"].contains(name)
            || ["pgsonde_", "process_", "pg_exporter_", "pg_scrape_collector_"].contains(where: name.hasPrefix)
    }

    private static func problems(of definition: Definition) -> [String] {
        var problems: [String] = []
        var names: Set<String> = []
        for column in definition.columns {
            for part in column.parts {
                if !names.insert(part.name).inserted { problems.append("\(part.name) is the name of two columns") }
                if part.name.utf8.count > 63 { problems.append("\(part.name) is longer than 63 bytes") }
                problems += Self.problems(of: part.sql, named: part.name)
            }
            if column.name == "from" || column.name.hasPrefix("pgsonde_") {
                problems.append("\(column.name) cannot be a column's name: from and pgsonde_… mean something else")
            }
            if (column.kind == .histogram) != (column.histogram != nil) {
                problems.append("\(column.name): a histogram, and only one, has buckets, sum and count")
            }
            if definition.each, column.kind == .histogram {
                problems.append("\(column.name): each and histograms exclude each other")
            }
            problems += stateProblems(of: column, in: definition)
            if !column.kind.isMetric, column.metric != nil {
                problems.append("\(column.name) is no metric and cannot have the name of one")
            }
        }
        if definition.query == nil || !definition.from.eras.isEmpty {
            problems += Self.problems(of: definition.from, named: "from")
        }
        if let query = definition.query {
            problems += Self.problems(of: query, named: "query")
            if !definition.from.eras.isEmpty { problems.append("from and query exclude each other") }
            if definition.group { problems.append("query and group exclude each other: group within the query") }
            if definition.each { problems.append("query and each exclude each other") }
            if definition.limit != nil { problems.append("query and limit exclude each other") }
        }
        if let path = definition.searchPath {
            if path.isEmpty || path.utf8.contains(0) { problems.append("search_path must name schemas, or be default") }
            if definition.each { problems.append("search_path and each exclude each other: write the schemas") }
        }
        problems += limitProblems(of: definition)
        if definition.each, definition.group { problems.append("each and group exclude each other") }
        if definition.kind == .pgbouncer { problems += Self.problems(ofConsole: definition) }
        return problems
    }

    private static func stateProblems(of column: Column, in definition: Definition) -> [String] {
        guard column.kind == .stateset else {
            return column.states.isEmpty ? [] : ["\(column.name): a state set, and only one, has states"]
        }
        var problems: [String] = []
        if column.states.isEmpty { problems.append("\(column.name): a state set needs its states") }
        if Set(column.states).count < column.states.count { problems.append("\(column.name): a state is there twice") }
        if column.unit != .count { problems.append("\(column.name): a state set has no unit") }
        if definition.each { problems.append("\(column.name): each and state sets exclude each other") }
        return problems
    }

    /// A console has commands instead of SQL, and nothing that could be required.
    private static func problems(ofConsole definition: Definition) -> [String] {
        var problems: [String] = []
        if definition.query == nil { problems.append("PgBouncer has no FROM: write a query, such as SHOW POOLS") }
        for (key, isThere) in [
            ("per", definition.per != .server), ("databases", definition.databases != .all),
            ("on", definition.on != .any), ("axis", definition.axis != .server),
            ("requires", definition.requires != Definition.Requirements()),
            ("search_path", definition.searchPath != nil),
        ] where isThere {
            problems.append("\(key) means nothing to PgBouncer: remove it")
        }
        return problems
    }

    private static func limitProblems(of definition: Definition) -> [String] {
        guard let limit = definition.limit else {
            let folds = definition.columns.filter { $0.other != .none }.map(\.name)
            return folds.map { "\($0): other says nothing without a limit; add one, or remove it" }
        }
        var problems: [String] = []
        if !definition.columns.contains(where: { $0.kind == .label }) { problems.append("limit needs a label") }
        if limit.rows < 0 || limit.perServer ?? 0 < 0 { problems.append("limit cannot be less than nothing") }
        if limit.cap < 1 || limit.cap >= 1 << 31 { problems.append("limit: cap must be from 1 to \(1 << 31 - 1)") }
        if limit.perServer != nil, definition.per != .database {
            problems.append("limit: per_server is for collectors that run per database; rows says the same")
        }
        let ranks = Set(definition.columns.filter(\.isNumber).map(\.name))
        if limit.by.isEmpty { problems.append("limit needs a column that ranks the rows") }
        for name in limit.by where !ranks.contains(name) {
            problems.append("limit: \(name) is no gauge, counter or untyped column of it")
        }
        for column in definition.columns {
            if column.kind == .histogram { problems.append("\(column.name): a limit cannot fold histograms") }
            if column.kind == .stateset { problems.append("\(column.name): a limit cannot fold state sets") }
            if column.other != .none, column.kind != .gauge {
                problems.append("\(column.name): other is for gauges; counters are always added up")
            }
            if definition.each, column.kind == .info {
                problems.append("\(column.name): limit, each and info exclude each other")
            }
        }
        if definition.each, limit.cap != Limit.usualCap {
            problems.append("limit: cap means nothing with each, which reads page by page: remove it")
        }
        if let since = limit.since {
            if definition.each { problems.append("limit: since and each exclude each other") }
            problems += Self.problems(of: since, named: "since")
        }
        return problems
    }

    private static func problems(of sql: SQL, named name: String) -> [String] {
        var problems: [String] = []
        if sql.eras.isEmpty { problems.append("\(name) has no SQL") }
        for (era, next) in zip(sql.eras, sql.eras.dropFirst()) where era.since == next.since {
            problems.append("\(name) has two texts since \(era.since)")
        }
        for text in sql.eras.compactMap(\.text) {
            if text.utf8.contains(0) { problems.append("\(name): SQL cannot hold a NUL character") }
            if text.contains("$pgsonde$") { problems.append("\(name): SQL cannot hold $pgsonde$") }
            if text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || (9...13).contains($0) }) {
                problems.append("\(name): SQL cannot be empty")
            }
        }
        return problems
    }
}
