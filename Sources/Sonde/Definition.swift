/// A collector as data: a list of columns, and a FROM or a whole query.
///
/// With a FROM the query is assembled from the columns that the connected server has. A whole query is run as it is, for what has no
/// FROM; its columns have their names in place of expressions, and one that it does not have costs its metric only. A metric's name is
/// `<prefix>_<column>`, and its cells are found by name, never by position.
public struct Definition: Collector, Hashable {
    /// What decides which era of the SQL holds.
    public enum Axis: Sendable, Hashable {
        /// The server's version.
        case server
        /// The version of an extension, which is then required; `{schema}` in the SQL stands for its schema.
        case `extension`(String)
    }

    /// The ``searchPath`` that a role has by itself, from `ALTER ROLE`, `ALTER DATABASE` or the server's configuration.
    public static let ownSearchPath = "default"

    /// Lower-case letters, digits and `_`.
    public let name: String
    /// One sentence: what it shows and where that comes from.
    public let help: String
    /// What the names of its metrics begin with, by default `pg_` and the name; `pgbouncer_` and the name, once, for PgBouncer.
    public let prefix: String
    /// The SQL after FROM: joins, subqueries and WHERE included; no text where there is a ``query``.
    public let from: SQL
    /// A whole statement in the place of a FROM.
    ///
    /// What stands for a column's expression is then the name that the column has in the result, by version where it changed.
    public let query: SQL?
    /// The schemas in which names without one are looked up after `pg_catalog`, as `search_path` has them; nil for none.
    ///
    /// ``ownSearchPath`` stands for those that the role has by itself.
    public let searchPath: String?
    /// Labels and metrics.
    public private(set) var columns: [Column]
    /// The kind of server that it asks.
    public let kind: ServerKind
    /// Whether it runs once per server or in every database.
    public let per: Scope
    /// The databases that it runs in, where it runs in every one.
    public let databases: Databases
    /// The servers that it makes sense on.
    public let on: ServerRole
    /// What decides which era of the SQL holds.
    public let axis: Axis
    /// What must be there.
    public let requires: Requirements
    /// How dear it is, which gives the defaults of the times.
    public let cost: Cost
    /// When it runs, unless the user says otherwise.
    public let timing: Timing
    /// Whether rows are grouped by the labels' expressions; the metrics are aggregates then.
    public let group: Bool
    /// Whether the metrics are evaluated relation by relation, inside a block that no lock can hold up.
    ///
    /// The FROM must then have `pg_class` under the alias `c`. The metrics' expressions may name `c.oid` only and must be numbers; the
    /// labels' expressions and the FROM must not open relations.
    public let each: Bool
    /// How many rows are shown by name; nil for all.
    public private(set) var limit: Limit?
    /// Whether it runs unless the user says otherwise.
    public let enabled: Bool

    /// Makes a definition.
    ///
    /// - Parameters:
    ///   - name: lower-case letters, digits and `_`.
    ///   - help: one sentence.
    ///   - prefix: what the names of its metrics begin with; by default `pg_` and the name.
    ///   - from: the SQL after FROM.
    ///   - searchPath: the schemas in which names without one are looked up after `pg_catalog`.
    ///   - columns: labels and metrics, in the order of the page.
    ///   - per: whether it runs once per server or in every database.
    ///   - databases: those that it runs in, where it runs in every one.
    ///   - on: the servers that it makes sense on.
    ///   - axis: what decides which era of the SQL holds.
    ///   - requires: what must be there.
    ///   - cost: how dear it is, which gives the defaults of the three times.
    ///   - every: the interval, where the cost's does not fit.
    ///   - timeout: the time limit of each query, where the cost's does not fit.
    ///   - expire: the age at which its numbers leave the page, where three intervals do not fit.
    ///   - group: whether rows are grouped by the labels.
    ///   - each: whether the metrics are evaluated relation by relation.
    ///   - limit: how many rows are shown by name; nil for all.
    ///   - enabled: whether it runs unless the user says otherwise.
    public init(
        _ name: String, help: String, prefix: String? = nil, from: SQL, searchPath: String? = nil, columns: [Column],
        per: Scope = .server, databases: Databases = .all, on: ServerRole = .any, axis: Axis = .server,
        requires: Requirements = Requirements(), cost: Cost = .light,
        every: Duration? = nil, timeout: Duration? = nil, expire: Duration? = nil, group: Bool = false,
        each: Bool = false, limit: Limit? = nil, enabled: Bool = true
    ) {
        self.init(
            name, help: help, prefix: prefix, from: from, query: nil, searchPath: searchPath, columns: columns,
            kind: .postgresql, per: per, databases: databases, on: on, axis: axis, requires: requires, cost: cost,
            every: every,
            timeout: timeout, expire: expire,
            group: group, each: each, limit: limit, enabled: enabled)
    }

    /// Makes a definition of a whole query.
    ///
    /// - Parameters:
    ///   - name: lower-case letters, digits and `_`.
    ///   - help: one sentence.
    ///   - prefix: what the names of its metrics begin with; by default `pg_` or, once, `pgbouncer_`, and the name.
    ///   - query: one statement that returns rows.
    ///   - searchPath: the schemas in which names without one are looked up after `pg_catalog`.
    ///   - columns: labels and metrics, in the order of the page; what stands for an expression is the name of the query's column.
    ///   - kind: the kind of server that it asks.
    ///   - per: whether it runs once per server or in every database.
    ///   - databases: those that it runs in, where it runs in every one.
    ///   - on: the servers that it makes sense on.
    ///   - axis: what decides which era of the query holds.
    ///   - requires: what must be there.
    ///   - cost: how dear it is, which gives the defaults of the three times.
    ///   - every: the interval, where the cost's does not fit.
    ///   - timeout: the time limit of each query, where the cost's does not fit.
    ///   - expire: the age at which its numbers leave the page, where three intervals do not fit.
    ///   - enabled: whether it runs unless the user says otherwise.
    public init(
        _ name: String, help: String, prefix: String? = nil, query: SQL, searchPath: String? = nil, columns: [Column],
        kind: ServerKind = .postgresql, per: Scope = .server, databases: Databases = .all, on: ServerRole = .any,
        axis: Axis = .server, requires: Requirements = Requirements(), cost: Cost = .light, every: Duration? = nil,
        timeout: Duration? = nil,
        expire: Duration? = nil, enabled: Bool = true
    ) {
        self.init(
            name, help: help, prefix: prefix, from: nil, query: query, searchPath: searchPath, columns: columns,
            kind: kind, per: per, databases: databases, on: on, axis: axis, requires: requires, cost: cost,
            every: every, timeout: timeout,
            expire: expire, group: false,
            each: false, limit: nil, enabled: enabled)
    }

    /// The most series of a run, which fails where there are more; nil for any number.
    package var mostSeries: Int?

    /// Makes a definition of whatever there is; what does not go together is for the registry to find.
    package init(
        _ name: String, help: String, prefix: String?, from: SQL?, query: SQL?, searchPath: String? = nil,
        columns: [Column], kind: ServerKind, per: Scope, databases: Databases = .all, on: ServerRole, axis: Axis,
        requires: Requirements, cost: Cost,
        every: Duration?,
        timeout: Duration?, expire: Duration?, group: Bool, each: Bool, limit: Limit?, enabled: Bool
    ) {
        self.name = name
        self.help = help
        self.prefix = prefix ?? Self.prefix(of: name, kind)
        self.from = from ?? SQL([])
        self.query = query
        self.searchPath = searchPath
        self.columns = columns
        self.kind = kind
        self.per = per
        self.databases = databases
        self.on = on
        self.axis = axis
        self.requires = requires
        self.cost = cost
        timing = Timing(
            every: every ?? cost.timing.every, timeout: timeout ?? cost.timing.timeout, expire: expire)
        self.group = group
        self.each = each
        self.limit = limit
        self.enabled = enabled
    }

    /// What the names of a definition's metrics begin with where nothing else is said.
    package static func prefix(of name: String, _ kind: ServerKind) -> String {
        switch kind {
        case .postgresql: "pg_\(name)"
        case .pgbouncer: name.hasPrefix("pgbouncer_") ? name : "pgbouncer_\(name)"
        }
    }

    /// One metric per column that is one, and one `<prefix>_info` where there are info columns.
    public var metrics: [Metric] {
        let labels = columns.filter { $0.kind == .label }.map(\.name)
        let infos = columns.filter { $0.kind == .info }.map(\.name)
        var metrics: [Metric] = []
        if !infos.isEmpty { metrics.append(Metric("\(prefix)_info", .info, help: help, labels: labels + infos)) }
        for column in columns where column.kind.isMetric {
            let kind = Metric.Kind(rawValue: column.kind.rawValue) ?? .untyped
            let own = column.kind == .stateset ? [column.name] : []
            metrics.append(Metric(name(of: column), kind, in: column.unit, help: column.help, labels: labels + own))
        }
        return metrics
    }

    /// What its requirements rest on.
    public var questions: Questions { requires.questions }

    package func shortfall(in facts: Facts) -> String? { requires.shortfall(in: facts) }

    /// The same without the columns of some metrics; nil where no metric is left.
    package func without(_ metrics: Set<String>) -> Definition? {
        var rest = self
        rest.columns = columns.filter { !$0.kind.isMetric || !metrics.contains(name(of: $0)) }
        return rest.metrics.isEmpty ? nil : rest
    }

    /// The whole name of a column's metric.
    package func name(of column: Column) -> String {
        column.metric ?? "\(prefix)_\(column.name)"
    }

    /// The names that a column may have in the result: its own, or those in a query of the user's, the newest first.
    package func sources(_ name: String, _ sql: SQL) -> [String] {
        query == nil ? [name] : sql.eras.reversed().compactMap(\.text)
    }

    /// The statements for a server, assembled from the columns that it has.
    public func plan(for facts: Facts, without refused: Set<String> = []) -> Plan {
        switch look(at: facts, without: refused) {
        case .skip(let reason): .skip(reason)
        case .whole(let step): .steps([step])
        case .query(let query): each ? query.relationByRelation() : .steps([query.plain(grouped: group)])
        }
    }

    /// What a definition comes to on a server.
    enum Look {
        case query(Query)
        /// A query that is run as it is.
        case whole(Step)
        case skip(Skip)
    }

    /// What is to be asked of a server, or why nothing is.
    func look(at facts: Facts, without refused: Set<String>) -> Look {
        switch on {
        case .primary where facts.isInRecovery, .standby where !facts.isInRecovery: return .skip(.role)
        default: break
        }
        var version = facts.version
        var schema = "pg_catalog"
        if case .extension(let name) = axis {
            guard let found = facts.extensions[name] else {
                return .skip(Requirements.missing(extension: name, facts))
            }
            version = found.version
            schema = Identifier.quoted(found.schema)
        }
        // First, so that nobody is asked for a GRANT that a version has no use for.
        guard let from = (query ?? from).text(for: version) else { return .skip(.version) }
        if let missing = requires.missing(in: facts) { return .skip(missing) }
        guard !refused.contains("from") else {
            return .skip(.unavailable("the server does not have, or does not allow, what it selects from"))
        }
        let place = { (text: String) in Identifier.replacingSchema(in: text, by: schema) }
        guard query == nil else {
            var text = SpannedText("")
            text.add(place(from), of: "from")
            return .whole(text.step(searchPath: searchPath))
        }
        // A histogram of which a part is missing is none.
        let there = columns.flatMap { column in
            let parts = column.parts.compactMap { part -> Query.Part? in
                guard !refused.contains(part.name), let text = part.sql.text(for: version) else { return nil }
                return Query.Part(kind: column.kind, name: part.name, sql: place(text))
            }
            return parts.count == column.parts.count ? parts : []
        }
        guard there.contains(where: { $0.kind != .label }) else {
            return refused.isEmpty
                ? .skip(.version) : .skip(.unavailable("the server has, or allows, none of its columns"))
        }
        var query = Query(from: place(from), columns: there)
        query.searchPath = searchPath
        if let limit {
            query.most = limit.cap
            if !refused.contains(Query.since) { query.began = limit.since?.text(for: version).map(place) }
        }
        return .query(query)
    }

    /// The same definition with another limit, where it has one.
    public func limited(to limit: Limit) -> Definition {
        guard self.limit != nil else { return self }
        var copy = self
        copy.limit = limit
        return copy
    }

    /// A reader that turns the rows of the definition's statements into samples.
    public func makeReader(for timing: Timing) -> any Reader {
        DefinitionReader(self, expire: timing.expire)
    }
}
