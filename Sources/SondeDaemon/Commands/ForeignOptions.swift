import ArgumentParser
import Sonde
import SondeCollectors

/// The flags of postgres_exporter that are not ours too, so that a unit file of its starts this program.
struct ForeignOptions: ParsableArguments {
    /// Those that take the next word as their value.
    static let withValue = [
        "--include-databases", "--exclude-databases", "--constantLabels", "--collection-timeout",
        "--extend.query-path", "--metric-prefix", "--web.config.file", "--stat-statements.query_length",
        "--stat-statements.limit", "--stat-statements.exclude_databases", "--stat-statements.exclude_users",
    ]
    /// How `--collector.stat_statements.limit` and its like are called for the parser.
    static let statementsPrefix = "stat-statements."

    @Flag(
        name: .customLong("auto-discover-databases"), inversion: .prefixedNo,
        help: "Its collectors of tables visit every database.")
    var discovers: Bool?

    @Option(
        name: .customLong("include-databases"),
        help: ArgumentHelp("Databases to visit, separated by commas.", valueName: "names"))
    var included: String?

    @Option(
        name: .customLong("exclude-databases"),
        help: ArgumentHelp("Databases to leave out, separated by commas.", valueName: "names"))
    var excluded: String?

    @Option(
        name: .customLong("constantLabels"),
        help: ArgumentHelp("Labels of pg_up, pg_static, conflicts and pg_exporter_*.", valueName: "name=value,..."))
    var constantLabels: String?

    @Flag(
        name: .customLong("disable-default-metrics"), inversion: .prefixedNo,
        help: "Leave pg_static and conflicts out.")
    var lacksDefaults: Bool?

    @Flag(
        name: .customLong("disable-settings-metrics"), inversion: .prefixedNo, help: "Leave pg_settings_* out.")
    var lacksSettings: Bool?

    @Option(
        name: .customLong("collection-timeout"),
        help: ArgumentHelp("The most time that one of its collectors may take.", valueName: "duration"))
    var timeout: String?

    @Option(
        name: .customLong("extend.query-path"),
        help: ArgumentHelp(
            "A queries.yaml, read as it is; 'pgsonde convert' makes definitions of it.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var queries: String?

    @Option(
        name: .customLong("metric-prefix"), help: ArgumentHelp("Refused, unless it is pg.", valueName: "prefix"))
    var metricPrefix: String?

    @Flag(name: .customLong("dumpmaps"), help: "Print the families of the name set postgres_exporter, and end.")
    var dumpsMaps = false

    @Flag(
        name: .customLong("stat-statements.include_query"), inversion: .prefixedNo,
        help: ArgumentHelp(visibility: .hidden))
    var includesQuery: Bool?

    @Option(name: .customLong("stat-statements.query_length"), help: ArgumentHelp(visibility: .hidden))
    var queryLength: Int?

    @Option(name: .customLong("stat-statements.limit"), help: ArgumentHelp(visibility: .hidden))
    var statementLimit: Int?

    @Option(name: .customLong("stat-statements.exclude_databases"), help: ArgumentHelp(visibility: .hidden))
    var statementDatabases: String?

    @Option(name: .customLong("stat-statements.exclude_users"), help: ArgumentHelp(visibility: .hidden))
    var statementUsers: String?

    /// A flag that was given and means nothing but for the name set postgres_exporter.
    var given: String? {
        let flags: [(String, Bool)] = [
            ("auto-discover-databases", discovers != nil), ("include-databases", included != nil),
            ("exclude-databases", excluded != nil), ("constantLabels", constantLabels != nil),
            ("disable-default-metrics", lacksDefaults != nil), ("disable-settings-metrics", lacksSettings != nil),
            ("collection-timeout", timeout != nil), ("extend.query-path", queries != nil),
            ("metric-prefix", metricPrefix != nil),
            ("collector.stat_statements.include_query", includesQuery != nil),
            ("collector.stat_statements.query_length", queryLength != nil),
            ("collector.stat_statements.limit", statementLimit != nil),
            ("collector.stat_statements.exclude_databases", statementDatabases != nil),
            ("collector.stat_statements.exclude_users", statementUsers != nil),
        ]
        return flags.first { $0.1 }.map { "--\($0.0)" }
    }

    /// Puts what the flags say over what is there.
    ///
    /// - Throws: ``Setup/Failure`` that names the flag.
    func apply(to settings: inout ForeignSettings) throws(Setup.Failure) {
        settings.discoversDatabases = discovers ?? settings.discoversDatabases
        settings.includedDatabases = included.map(ForeignSettings.words) ?? settings.includedDatabases
        settings.excludedDatabases = excluded.map(ForeignSettings.words) ?? settings.excludedDatabases
        if let queries, !queries.isEmpty { settings.queriesPath = queries }
        settings.lacksDefaults = lacksDefaults ?? settings.lacksDefaults
        settings.lacksSettings = lacksSettings ?? settings.lacksSettings
        settings.statements.includesQuery = includesQuery ?? settings.statements.includesQuery
        settings.statements.queryLength = max(queryLength ?? settings.statements.queryLength, 0)
        // It takes 0 for the default.
        if let limit = statementLimit, limit > 0 { settings.statements.limit = limit }
        settings.statements.excludedDatabases =
            statementDatabases.map(ForeignSettings.words) ?? settings.statements.excludedDatabases
        settings.statements.excludedUsers =
            statementUsers.map(ForeignSettings.words) ?? settings.statements.excludedUsers
        do throws(ValueProblem) {
            if let timeout { settings.timeout = try ForeignSettings.duration(timeout) }
        } catch { throw Setup.Failure("--collection-timeout: \(error)", exitCode: 2) }
        do throws(ValueProblem) {
            if let constantLabels { settings.constantLabels = try ForeignSettings.labels(constantLabels) }
        } catch { throw Setup.Failure("--constantLabels: \(error)", exitCode: 2) }
        if let metricPrefix, !["", "pg"].contains(metricPrefix) {
            throw Setup.Failure("--metric-prefix: \(ForeignSettings.refusesPrefix)", exitCode: 2)
        }
    }

    /// The families of the set, a line each: name, type, labels.
    static var maps: String {
        let metrics = PostgresExporter().members.flatMap(\.parts).flatMap { part in
            part.metrics.map { ($0, part.per == .database ? ["datname"] + $0.labels : $0.labels) }
        }
        return metrics.map { "\($0.name) \($0.kind.type) \($1.joined(separator: ","))\n" }.joined()
    }
}

extension ForeignSettings {
    static let refusesPrefix = "names begin with pg: leave it out"
}
