import Sonde

/// What the variables of postgres_exporter say.
struct ForeignEnvironment {
    /// Those that are about anything but the server; a flag wins over each.
    static let settings = [
        "PG_EXPORTER_WEB_LISTEN_ADDRESS", "PG_EXPORTER_WEB_TELEMETRY_PATH", "PG_EXPORTER_DISABLE_DEFAULT_METRICS",
        "PG_EXPORTER_DISABLE_SETTINGS_METRICS", "PG_EXPORTER_AUTO_DISCOVER_DATABASES",
        "PG_EXPORTER_EXTEND_QUERY_PATH", "PG_EXPORTER_CONSTANT_LABELS", "PG_EXPORTER_EXCLUDE_DATABASES",
        "PG_EXPORTER_INCLUDE_DATABASES", "PG_EXPORTER_METRIC_PREFIX", "PG_EXPORTER_COLLECTION_TIMEOUT",
    ]
    /// Those that name a server where `DATA_SOURCE_NAME` does not; a file wins over the variable without `_FILE`.
    static let source = [
        "DATA_SOURCE_URI", "DATA_SOURCE_URI_FILE", "DATA_SOURCE_USER", "DATA_SOURCE_USER_FILE", "DATA_SOURCE_PASS",
        "DATA_SOURCE_PASS_FILE",
    ]

    /// The environment, without variables that are empty.
    let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values.filter { !$0.value.isEmpty }
    }

    /// A variable that is set and means nothing but for the name set postgres_exporter.
    var given: String? {
        (Self.settings + Self.source).first { values[$0] != nil }
    }

    /// Puts what the variables say over what is there.
    ///
    /// - Throws: everything that is wrong.
    func apply(to configuration: inout Configuration) throws(FileProblems) {
        var problems: [FileProblem] = []
        func read<Value>(_ name: String, _ parse: (String) throws(ValueProblem) -> Value) -> Value? {
            guard let text = values["PG_EXPORTER_\(name)"] else { return nil }
            do {
                return try parse(text)
            } catch {
                problems.append(FileProblem("PG_EXPORTER_\(name)", "\(error)"))
                return nil
            }
        }
        func refuse(_ name: String, _ refusal: String, unless allowed: String = "") {
            guard let text = values["PG_EXPORTER_\(name)"], text != allowed else { return }
            problems.append(FileProblem("PG_EXPORTER_\(name)", refusal))
        }
        var settings = configuration.foreign
        let web = configuration.web
        configuration.web.listen = read("WEB_LISTEN_ADDRESS", Configuration.Web.addresses) ?? web.listen
        configuration.web.telemetryPath = read("WEB_TELEMETRY_PATH", Configuration.Web.path) ?? web.telemetryPath
        settings.lacksDefaults = read("DISABLE_DEFAULT_METRICS", Self.bool) ?? settings.lacksDefaults
        settings.lacksSettings = read("DISABLE_SETTINGS_METRICS", Self.bool) ?? settings.lacksSettings
        settings.discoversDatabases = read("AUTO_DISCOVER_DATABASES", Self.bool) ?? settings.discoversDatabases
        settings.includedDatabases = read("INCLUDE_DATABASES", ForeignSettings.words) ?? settings.includedDatabases
        settings.excludedDatabases = read("EXCLUDE_DATABASES", ForeignSettings.words) ?? settings.excludedDatabases
        settings.constantLabels = read("CONSTANT_LABELS", ForeignSettings.labels) ?? settings.constantLabels
        settings.timeout = read("COLLECTION_TIMEOUT", ForeignSettings.duration) ?? settings.timeout
        settings.queriesPath = values["PG_EXPORTER_EXTEND_QUERY_PATH"] ?? settings.queriesPath
        refuse("METRIC_PREFIX", ForeignSettings.refusesPrefix, unless: "pg")
        configuration.foreign = settings
        guard problems.isEmpty else { throw FileProblems(problems: problems) }
    }

    /// The server that the variables name; nil where they name none.
    ///
    /// The password's file is read at each connect.
    ///
    /// - Throws: what is wrong; a connection string is never shown.
    func server(parse: ServerSection.ConnectionStringParser) throws(FileProblems) -> Configuration.Server? {
        let name = values["DATA_SOURCE_URI_FILE"] != nil ? "DATA_SOURCE_URI_FILE" : "DATA_SOURCE_URI"
        guard let uri = try text("DATA_SOURCE_URI") else { return nil }
        let isWhole = uri.hasPrefix("postgresql://") || uri.hasPrefix("postgres://")
        let whole = isWhole ? uri : "postgresql://\(uri)"
        var keywords: [String: String]
        let ignored: [String]
        do {
            (keywords, ignored) = try DriverParameters.read(whole, by: parse)
        } catch {
            let advice = "write host:port/dbname?sslmode=require, without user and password"
            throw FileProblems(problems: [FileProblem(name, "\(error): \(advice)")])
        }
        for (keyword, reason) in ConnectionKeywords.ours.sorted(by: { $0.key < $1.key }) where keywords[keyword] != nil
        {
            throw FileProblems(problems: [FileProblem(name, "\(keyword) cannot be set: \(reason)")])
        }
        if let user = try text("DATA_SOURCE_USER") { keywords["user"] = user }
        var server = Configuration.Server(name: ServerName.ofServer(with: keywords, environment: values))
        server.ignoredParameters = ignored
        server.foreignName = ServerName.fingerprint(of: whole)
        if let path = values["DATA_SOURCE_PASS_FILE"] {
            server.passwordFile = path
        } else if let password = values["DATA_SOURCE_PASS"] {
            keywords["password"] = password
        }
        server.keywords = keywords
        return server
    }

    /// The value of a variable, or of the file that its namesake with `_FILE` names.
    private func text(_ name: String) throws(FileProblems) -> String? {
        guard let path = values["\(name)_FILE"] else { return values[name] }
        let bytes = try BoundedFile.read(path, atMost: 1 << 16).bytes
        var text = Substring(decoding: bytes, as: UTF8.self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }

    /// A switch as Go reads it.
    private static func bool(_ text: String) throws(ValueProblem) -> Bool {
        switch text.lowercased() {
        case "1", "t", "true": return true
        case "0", "f", "false": return false
        default: throw ValueProblem("\(Spelling.quoted(text)): write true or false")
        }
    }
}
