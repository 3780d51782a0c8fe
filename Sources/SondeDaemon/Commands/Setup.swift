import Glibc
import Logging
import Sonde
import SondeCollectors
import SondePostgres

/// What a command works with: the configuration, the collectors and the logger.
struct Setup: Sendable {
    /// Why there is nothing to work with, for people: a line each.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// 2 where it is the command line that is wrong.
        let exitCode: Int32

        init(_ description: String, exitCode: Int32 = 1) {
            self.description = description
            self.exitCode = exitCode
        }
    }

    var configuration: Configuration
    let registry: Registry
    /// What there is to know of the second name set.
    let second: SecondSet
    /// Who may talk to the listener, and how; nil for everybody, in the clear.
    var web: WebConfiguration?
    var logger: Logger
    /// How the logger writes.
    var logStyle = LogStyle(level: .info, format: .logfmt)
    /// What is wrong with files that cost only themselves.
    let problems: [FileProblem]
    /// The files of `collectors_dir`, and a `queries.yaml`.
    let files: [LastReading.File]
    /// What is not wrong but should be known, one line each; it has been logged.
    var warnings: [String] = []
    /// What is being tried.
    var placed: [PlacedCollector] = []
    /// Who looks at what is about to be run; nobody, in a daemon.
    var inspector: (any Inspector)?

    /// Reads the file, then the flags, then the environment, each winning over what came before.
    ///
    /// - Parameters:
    ///   - options: the flags.
    ///   - quietly: whether to log only what is wrong, for commands whose output is not the log.
    ///   - trial: files of definitions that are to be tried.
    ///   - before: what was read before, whose logger goes on, as it was.
    /// - Returns: the checked whole.
    /// - Throws: ``Failure`` with everything that is wrong with the first of these that is.
    static func load(
        _ options: CommonOptions, quietly: Bool = false, trying trial: [String] = [], after before: Setup? = nil
    ) throws(Failure) -> Setup {
        let environment = Environment.ofProcess
        let parse: ServerSection.ConnectionStringParser = { try ConnectionString.parse($0) }
        do {
            let path = environment.configFile ?? options.configFile
            let file = try path.map { try ConfigurationFile.read($0, environment: environment.values, parse: parse) }
            var configuration = file?.configuration ?? Configuration()
            let foreign = ForeignEnvironment(environment.values)
            try foreign.apply(to: &configuration)
            let flags = try options.overrides()
            configuration.apply(flags)
            configuration.web.hasLifecycle = options.lifecycle
            try options.foreign.apply(to: &configuration.foreign)
            if options.autoReload {
                configuration.watchedPaths = [
                    path, configuration.collectorsDirectory, configuration.foreign.queriesPath,
                ].compactMap { $0 }
            }
            let named = try environment.overrides(parse: parse)
            let isReplacing = named.servers != nil && !configuration.servers.isEmpty
            configuration.apply(named)
            if configuration.servers.isEmpty { configuration.servers = [environment.defaultServer] }
            let isChosen = file?.choosesNames == true || flags.names != nil || named.names != nil
            let sign =
                options.foreign.given ?? foreign.given ?? file.flatMap { $0.isForeign ? $0.path : nil }
                ?? foreignProgramName ?? (file == nil ? Self.foreignFlag(among: flags.collectors) : nil)
            if !isChosen, sign != nil { configuration.names = .postgresExporter }
            configuration.discover()
            configuration.adopt(environment.values)
            let (logger, logStyle) =
                before.map { ($0.logger, $0.logStyle) } ?? logger(configuration, quietly: quietly)
            if !isChosen, let sign {
                logger.notice(
                    "names of metrics are those of postgres_exporter, as \(sign) asks for: --names chooses others")
            }
            for server in configuration.servers where !server.ignoredParameters.isEmpty {
                let names = server.ignoredParameters.joined(separator: ", ")
                logger.notice(
                    "not heeded in the connection string, for sessions have their own or have no use for it: \(names)",
                    metadata: ["server": "\(server.name)"])
            }
            let web = try configuration.web.configFile.map { try WebConfigurationFile.read($0) }
            if isReplacing { logger.notice("DATA_SOURCE_NAME is set, so the servers of the file are not watched") }
            let catalogue = Catalogue(Daemon.collectors, configuration)
            let (registry, found) = try collect(catalogue, configuration, logger, trying: trial)
            let warnings =
                (file?.warnings ?? []) + (web?.warnings ?? []) + [exposure(of: configuration.servers)].compactMap { $0 }
                + found.dangers
            for warning in warnings { logger.warning("\(warning)") }
            let problems = found.problems
            guard problems.isEmpty || !options.strict else {
                throw Failure(
                    "--strict: there are mistakes in the files of collectors: mend them, or remove the flag")
            }
            let collectors = registry.entries.map(\.collector)
            let names = Set(collectors.map { $0.name }).union(catalogue.names.keys).sorted()
            let unknown = configuration.collectors.keys.sorted().filter { !names.contains($0) }
            if problems.isEmpty {
                try file?.check(against: collectors, named: catalogue.names)
                // Those of the file were checked with their places: only a flag's can be left.
                for name in unknown {
                    let advice =
                        PostgresExporter().flagNames.contains(name)
                        ? "it is one of postgres_exporter's, which --names postgres_exporter or --names both switches on"
                        : Spelling.advice(for: name, among: names)
                    throw Failure("there is no collector \(Spelling.quoted(name)): \(advice)", exitCode: 2)
                }
            } else {
                // It may be in a file that cannot be read.
                for name in unknown { logger.warning("there is no collector \(Spelling.quoted(name))") }
                try file?.check(against: collectors, named: catalogue.names, lacking: Set(unknown))
            }
            guard configuration.serverLabel != .never || configuration.servers.count == 1 else {
                throw Failure(
                    "server_label: never is for one server: the samples of \(configuration.servers.count) could not be told apart"
                )
            }
            guard configuration.ffwd == nil || configuration.names != .postgresExporter else {
                throw Failure(
                    "outputs: ffwd sends what pgsonde's own collectors show, and there are none of them: write names: both"
                )
            }
            configuration.collectors = catalogue.options(
                configuration, others: registry.entries.map(\.collector.name))
            return Setup(
                configuration: configuration, registry: registry,
                second: catalogue.secondSet(registry, queries: found.queries, configuration), web: web, logger: logger,
                logStyle: logStyle, problems: problems, files: found.files, warnings: warnings, placed: found.placed)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(error)")
        }
    }

    /// A flag of a collector that only postgres_exporter has by that name.
    private static func foreignFlag(among collectors: [String: Bool]) -> String? {
        let own = Set(Daemon.collectors.map(\.name))
        let name = collectors.keys.sorted().first { !own.contains($0) && PostgresExporter().flagNames.contains($0) }
        return name.map { "--\(collectors[$0] == false ? "no-" : "")collector.\($0)" }
    }

    /// The files that collectors come from.
    private struct Collected {
        /// The names of those of a `queries.yaml`.
        var queries: Set<String> = []
        var problems: [FileProblem] = []
        var files: [LastReading.File] = []
        /// What others than the user can change.
        var dangers: [String] = []
        /// What is being tried.
        var placed: [PlacedCollector] = []
    }

    /// The program's collectors, those of the user's folder, and those of a `queries.yaml`.
    ///
    /// A file that is wrong costs itself.
    private static func collect(
        _ catalogue: Catalogue, _ configuration: Configuration, _ logger: Logger, trying trial: [String]
    ) throws -> (Registry, Collected) {
        var found = Collected()
        var entries = catalogue.entries
        var notes: [String] = []
        let path = configuration.collectorsDirectory
        let listener = configuration.allowsExec ? logger : nil
        if path != nil || !trial.isEmpty {
            let directory: CollectorsDirectory
            if let path, trial.isEmpty {
                directory = CollectorsDirectory(path, among: entries, logger: listener)
            } else {
                (directory, found.placed) = try CollectorsDirectory.trying(
                    trial, beside: path, among: entries, logger: listener)
            }
            (entries, found.problems, found.files) = (directory.entries, directory.problems, directory.files)
            (notes, found.dangers) = (directory.notes, directory.dangers)
        }
        if let path = configuration.foreign.queriesPath {
            let options = catalogue.options(configuration, others: entries.map(\.collector.name))
            let file = QueriesFile(
                path, among: entries, isEnabled: { options[$0.name]?.enabled ?? $0.enabled },
                discovers: configuration.foreign.discoversDatabases)
            (entries, found.queries) = (file.entries, file.names)
            found.problems += file.problems
            found.dangers += [FileAccess.danger(ofWriting: path)].compactMap { $0 }
            found.files.append(LastReading.File(path: path, isBad: !file.problems.isEmpty, digest: file.digest))
            notes += file.notes
        }
        for problem in found.problems { logger.error("\(problem)") }
        for note in notes { logger.notice("\(note)") }
        return (try Registry(limited(entries, by: configuration)), found)
    }

    /// Logs which files with passwords others can read, or libpq does not.
    func warnOfPasswordFiles() async {
        for server in configuration.servers {
            for warning in await server.passwordFileWarnings() {
                logger.warning("\(warning)", metadata: ["server": "\(server.name)"])
            }
        }
    }

    /// Which servers others can answer for, or listen to; nil where there is none.
    private static func exposure(of servers: [Configuration.Server]) -> String? {
        let open = servers.filter {
            let keywords = EffectiveKeywords($0.keywords)
            return !keywords.isLocal && !keywords.isVerified
        }
        guard let first = open.first else { return nil }
        let others = open.count == 1 ? "" : " and \(open.count - 1) more"
        let mode = EffectiveKeywords(first.keywords).sslMode
        return """
            sslmode of server \(first.name)\(others) is \(mode): whoever is in between can answer in its place\
            \(["disable", "allow", "prefer"].contains(mode) ? ", or read what is sent" : ""): write sslmode: verify-full, and \
            libpq: {sslrootcert: FILE}
            """
    }

    /// The collectors with the limits that the user wants.
    private static func limited(_ entries: [Registry.Entry], by configuration: Configuration) -> [Registry.Entry] {
        entries.map { entry in
            guard let options = configuration.collectors[entry.collector.name], let own = entry.collector.limit else {
                return entry
            }
            return Registry.Entry(entry.collector.limited(to: options.limit(over: own)), from: entry.origin)
        }
    }

    /// The name that this program was started by, where that is postgres_exporter's.
    private static var foreignProgramName: String? {
        let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
        return ["postgres_exporter", "prometheus-postgres-exporter"].first { $0 == name }
    }

    private static func logger(_ configuration: Configuration, quietly: Bool) -> (Logger, LogStyle) {
        let style = LogStyle(level: configuration.logLevel, format: configuration.logFormat, isQuiet: quietly)
        // A command has time, and its reader wants every line; the daemon must not wait for whoever reads its log.
        let stream = LogStream(STDERR_FILENO, patience: quietly ? nil : .milliseconds(50))
        return (Logger(label: "pgsonde") { _ in Log(style, to: stream) }, style)
    }
}

extension CommonOptions {
    /// What the flags say.
    ///
    /// - Throws: ``Setup/Failure`` that names the flag.
    fileprivate func overrides() throws(Setup.Failure) -> Configuration.Overrides {
        var overrides = Configuration.Overrides()
        func read<Value>(
            _ flag: String, _ text: String?, _ parse: (String) throws(ValueProblem) -> Value
        ) throws(Setup.Failure) -> Value? {
            guard let text else { return nil }
            do {
                return try parse(text)
            } catch {
                throw Setup.Failure("--\(flag): \(error)", exitCode: 2)
            }
        }
        for text in listen {
            guard let addresses = try read("web.listen-address", text, Configuration.Web.addresses) else { continue }
            overrides.listen = (overrides.listen ?? []) + addresses
        }
        overrides.telemetryPath = try read("web.telemetry-path", telemetryPath, Configuration.Web.path)
        overrides.webConfigFile = webConfigFile
        overrides.logLevel = try read("log.level", logLevel) { text throws(ValueProblem) in
            try Configuration.LogLevel(text)
        }
        overrides.logFormat = try read("log.format", logFormat) { text throws(ValueProblem) in
            try Configuration.LogFormat(text)
        }
        overrides.names = try read("names", names) { text throws(ValueProblem) in try NameSet(word: text) }
        if exec { overrides.allowsExec = true }
        for name in with { overrides.collectors[name] = true }
        for name in without { overrides.collectors[name] = false }
        return overrides
    }
}
