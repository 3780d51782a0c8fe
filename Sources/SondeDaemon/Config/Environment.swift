import Glibc

/// What the environment says of the configuration.
struct Environment: Sendable {
    /// Our variables, with what they are about; each is called like its flag.
    static let variables = [
        ("PGSONDE_CONFIG_FILE", "the configuration file, as --config.file"),
        ("PGSONDE_WEB_LISTEN_ADDRESS", "where to listen, separated by commas, as --web.listen-address"),
        ("PGSONDE_WEB_TELEMETRY_PATH", "the path of the metrics page, as --web.telemetry-path"),
        ("PGSONDE_WEB_CONFIG_FILE", "TLS and authentication of the listener, as --web.config.file"),
        ("PGSONDE_NAMES", "the names of the metrics, as --names"),
        ("PGSONDE_LOG_LEVEL", "the least that is logged, as --log.level"),
        ("PGSONDE_LOG_FORMAT", "how log lines look, as --log.format"),
        (
            "DATA_SOURCE_NAME",
            "the servers to watch, instead of those of the file: connection strings, separated by commas"
        ),
    ]

    /// All variables by their names.
    let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    /// The environment of this process, as far as it concerns us: our variables and those that libpq finds a server by.
    static var ofProcess: Environment {
        var values: [String: String] = [:]
        let own = variables.map(\.0) + ForeignEnvironment.settings + ForeignEnvironment.source
        for name in own + ["PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"] {
            if let value = unsafe getenv(name) { values[name] = unsafe String(cString: value) }
        }
        return Environment(values)
    }

    /// Where the journal listens, if it is what our output goes to.
    static var journal: String? { variable("JOURNAL_STREAM") }

    /// A variable of this process's environment.
    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The path of the configuration file.
    var configFile: String? {
        value("PGSONDE_CONFIG_FILE")
    }

    /// What stands in the environment instead of what the file and the flags say.
    ///
    /// - Throws: everything that is wrong; a connection string is never shown.
    func overrides(
        parse: @escaping ServerSection.ConnectionStringParser
    ) throws(FileProblems) -> Configuration.Overrides {
        var problems: [FileProblem] = []
        var overrides = Configuration.Overrides()
        func read<Value>(_ name: String, _ parse: (String) throws(ValueProblem) -> Value) -> Value? {
            guard let text = value(name) else { return nil }
            do {
                return try parse(text)
            } catch {
                problems.append(FileProblem(name, "\(error)"))
                return nil
            }
        }
        overrides.listen = read("PGSONDE_WEB_LISTEN_ADDRESS", Configuration.Web.addresses)
        overrides.telemetryPath = read("PGSONDE_WEB_TELEMETRY_PATH", Configuration.Web.path)
        overrides.webConfigFile = value("PGSONDE_WEB_CONFIG_FILE")
        overrides.names = read("PGSONDE_NAMES") { text throws(ValueProblem) in try NameSet(word: text) }
        overrides.logLevel = read("PGSONDE_LOG_LEVEL", Configuration.LogLevel.init(_:))
        overrides.logFormat = read("PGSONDE_LOG_FORMAT", Configuration.LogFormat.init(_:))
        overrides.servers = read("DATA_SOURCE_NAME") { text throws(ValueProblem) in try servers(text, parse) }
        guard problems.isEmpty else { throw FileProblems(problems: problems) }
        if overrides.servers == nil {
            overrides.servers = try ForeignEnvironment(values).server(parse: parse).map { [$0] }
        }
        return overrides
    }

    /// The server that libpq takes where nothing is configured.
    var defaultServer: Configuration.Server {
        Configuration.Server(name: ServerName.ofServer(with: [:], environment: values))
    }

    private func servers(
        _ text: String, _ parse: ServerSection.ConnectionStringParser
    ) throws(ValueProblem) -> [Configuration.Server] {
        var servers: [Configuration.Server] = []
        for (index, part) in DataSourceName.split(text).enumerated() {
            let keywords: [String: String]
            let ignored: [String]
            do {
                (keywords, ignored) = try DriverParameters.read(part, by: parse)
            } catch {
                throw ValueProblem("connection string \(index + 1): \(error): \(ConnectionKeywords.stringAdvice)")
            }
            for (keyword, reason) in ConnectionKeywords.ours.sorted(by: { $0.key < $1.key })
            where keywords[keyword] != nil {
                throw ValueProblem("connection string \(index + 1): \(keyword) cannot be set: \(reason)")
            }
            for (keyword, value) in keywords.sorted(by: { $0.key < $1.key }) {
                guard let problem = KeywordValues.problem(keyword, value) else { continue }
                throw ValueProblem("connection string \(index + 1): \(problem)")
            }
            let name = ServerName.ofServer(with: keywords, environment: values)
            guard !servers.contains(where: { $0.name == name }) else {
                throw ValueProblem("two servers are called \(name): give them names in a configuration file")
            }
            var server = Configuration.Server(name: name, keywords: keywords)
            server.ignoredParameters = ignored
            server.foreignName = ServerName.fingerprint(of: part)
            servers.append(server)
        }
        guard !servers.isEmpty else {
            throw ValueProblem("there is no connection string in it: write one, or unset it")
        }
        return servers
    }

    /// A variable that is empty counts as not set, as shells and unit files leave them.
    private func value(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
