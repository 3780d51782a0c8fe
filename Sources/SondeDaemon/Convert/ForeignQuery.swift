import Sonde

/// A query of another exporter's file, as far as it is understood, on its way to a definition.
struct ForeignQuery {
    /// What the file calls it.
    let key: String
    /// Where it begins.
    let node: YAMLNode
    /// The collector's name.
    var name: String
    /// What the names of its metrics begin with.
    var prefix: String
    /// What they begin with where another query of the file has the same ones.
    var ownPrefix: String
    var help: String
    var query: SQL
    /// The statement, without the versions that it is for.
    var body: String
    var versions = VersionRanges.all
    /// What is asked.
    var kind = ServerKind.postgresql
    var searchPath: String? = Definition.ownSearchPath
    var columns: [Column] = []
    var per = Scope.server
    /// Where it runs, if it runs in databases.
    var databases = Databases.all
    var on = ServerRole.any
    var requires = Definition.Requirements()
    /// The interval, where the file says one.
    var every: Duration?
    var timeout: Duration?
    var isEnabled = true
    /// What of its meaning could not be kept, and what its author should know.
    var notes: [String] = []

    /// Programs that ask in each scrape are asked about this often.
    private static let usualInterval = Duration.seconds(15)
    /// Nobody keeps results for so long that are cheap to get.
    private static let longInterval = Duration.seconds(300)

    /// The time from one run to the next.
    var interval: Duration { max(every ?? Self.usualInterval, Self.usualInterval) }

    /// The definition; nil where it would have no metric.
    var definition: Definition? {
        guard columns.contains(where: { $0.kind != .label }) else { return nil }
        let cost: Cost = interval >= Self.longInterval ? .heavy : .medium
        return Definition(
            name, help: help, prefix: prefix, from: nil, query: query, searchPath: searchPath,
            // The daemon adds the name of each database that it visits.
            columns: columns.filter { per != .database || $0.kind != .label || $0.name != "datname" },
            kind: kind, per: per, databases: databases, on: on, axis: .server, requires: requires, cost: cost,
            every: interval, timeout: timeout.map { min($0, interval) }, expire: nil, group: false, each: false,
            limit: nil,
            enabled: isEnabled)
    }

    init(
        key: String, node: YAMLNode, name: String, prefix: String, ownPrefix: String? = nil, help: String, body: String
    ) {
        self.ownPrefix = ownPrefix ?? prefix
        self.key = key
        self.node = node
        self.name = name
        self.prefix = prefix
        self.help = help
        self.body = body
        query = SQL(body)
    }

    /// Requires what predicates ask for, where that is a relation or an extension.
    ///
    /// - Returns: the predicates that are left as conditions.
    mutating func require(_ predicates: [String], of statement: StatementText) -> [String] {
        predicates.compactMap { text in
            let predicate = Predicate(text)
            if case .extension(let name)? = predicate.need {
                requires.extensions.append(name)
                return nil
            }
            let schema = searchPath == Definition.ownSearchPath ? nil : searchPath
            if let name = Predicate.relation(predicate.need, readBy: statement, else: schema) {
                requires.relations.append(name)
                if case .relation(.some, _)? = predicate.need { return nil }
            } else {
                notes.append(
                    "line \(node.line): the predicate is part of the statement: where what the query reads is not there, it is "
                        + "unavailable, also where the predicate says no")
            }
            return predicate.statement.body
        }
    }

    /// Brings statement and versions together; without a version that is known nothing is left to show.
    mutating func assemble() {
        // A console's command is the same in all of them.
        if kind == .pgbouncer {
            query = SQL(body)
        } else if let sql = VersionRanges.sql([(versions, body)], { $0[0] }) {
            query = sql
        } else {
            columns = []
        }
    }

    /// Leaves nothing of what no definition can be made of, and says why.
    mutating func checkItself() {
        let problems = definition.map { Registry.problems(of: $0) } ?? []
        guard !problems.isEmpty else { return }
        notes += problems.map { "left out: \($0)" }
        columns = []
    }

    /// A collector's name made of any text.
    static func name(of key: String) -> String {
        let name = key.lowercased().unicodeScalars.map { scalar in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? String(scalar) : "_"
        }
        return name.joined()
    }

    /// A column of a whole query, a metric under a name that a column may have.
    ///
    /// - Parameters:
    ///   - kind: what becomes of it.
    ///   - name: what follows the prefix in the metric's name.
    ///   - column: the query's column.
    ///   - unit: the unit that it is in.
    ///   - help: one sentence.
    ///   - prefix: what the metric's name begins with.
    /// - Returns: the column.
    static func column(
        _ kind: Column.Kind, _ name: String, from column: String, in unit: Unit = .count, help: String, prefix: String
    ) -> Column {
        let isTaken = name == "from" || name.hasPrefix("pgsonde_")
        guard kind != .label else { return Column(.label, name, SQL(column)) }
        return Column(
            kind, isTaken ? "own_\(name)" : name, SQL(column), in: unit, help: help,
            metric: isTaken ? "\(prefix)_\(name)" : nil)
    }
}
