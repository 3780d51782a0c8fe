extension Configuration {
    /// What flags or the environment say; nil and empty leave what is there.
    struct Overrides: Sendable, Hashable {
        var servers: [Server]?
        var names: NameSet?
        var listen: [ListenAddress]?
        var telemetryPath: String?
        var webConfigFile: String?
        var logLevel: LogLevel?
        var logFormat: LogFormat?
        /// Whether definitions may run commands.
        var allowsExec: Bool?
        /// Collectors that are switched on or off.
        var collectors: [String: Bool] = [:]
    }

    /// Puts these in the place of what is there: flags first, then the environment.
    mutating func apply(_ overrides: Overrides) {
        servers = overrides.servers ?? servers
        names = overrides.names ?? names
        web.listen = overrides.listen ?? web.listen
        web.telemetryPath = overrides.telemetryPath ?? web.telemetryPath
        web.configFile = overrides.webConfigFile ?? web.configFile
        logLevel = overrides.logLevel ?? logLevel
        logFormat = overrides.logFormat ?? logFormat
        allowsExec = overrides.allowsExec ?? allowsExec
        for (name, isEnabled) in overrides.collectors {
            collectors[name, default: CollectorOptions()].enabled = isEnabled
        }
    }
}

extension Configuration {
    /// Lets the databases that postgres_exporter's flags name decide where collectors go that run per database.
    mutating func discover() {
        guard names != .pgsonde, foreign.discoversDatabases else { return }
        for index in servers.indices {
            if !foreign.includedDatabases.isEmpty { servers[index].databases = foreign.includedDatabases }
            servers[index].excludeDatabases += foreign.excludedDatabases
        }
    }
}

extension Configuration {
    /// Takes servers of postgres_exporter's variables for what they are there: its label for them, and `localhost` where no host is named.
    ///
    /// - Parameter environment: where libpq looks for the host.
    mutating func adopt(_ environment: [String: String]) {
        guard names != .pgsonde else { return }
        let hasHost = ["PGHOST", "PGHOSTADDR", "PGSERVICE"].contains { environment[$0]?.isEmpty == false }
        let names = servers.map { $0.foreignName ?? $0.name }
        let areDistinct = Set(names).count == names.count
        for (index, server) in servers.enumerated() where server.foreignName != nil {
            if areDistinct { servers[index].name = names[index] }
            guard !hasHost, !["host", "hostaddr", "service"].contains(where: { server.keywords[$0] != nil }) else {
                continue
            }
            servers[index].keywords["host"] = "localhost"
        }
    }
}

extension Configuration.Web {
    /// Reads an address.
    ///
    /// - Throws: what is wrong with it.
    static func address(_ text: String) throws(ValueProblem) -> Configuration.ListenAddress {
        guard !text.unicodeScalars.contains(where: Spelling.isControl) else {
            throw ValueProblem("\(Spelling.quoted(text)) has a control character in it: remove it")
        }
        do {
            return try Configuration.ListenAddress.parse(text)
        } catch {
            throw ValueProblem("\(error)")
        }
    }

    /// Reads a list of addresses, as the environment has them: separated by commas.
    ///
    /// - Throws: what is wrong with the first that is no address.
    static func addresses(_ text: String) throws(ValueProblem) -> [Configuration.ListenAddress] {
        var addresses: [Configuration.ListenAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let address = try self.address(String(part.trimmingPrefix(while: \.isWhitespace)))
            guard !addresses.contains(address) else {
                throw ValueProblem("\(address) is there twice: remove one of them")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// Checks the path of the metrics page.
    ///
    /// - Throws: what is wrong with it.
    static func path(_ text: String) throws(ValueProblem) -> String {
        let isPlain = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && !"?#%".utf8.contains($0)
        }
        guard text.hasPrefix("/"), isPlain else {
            throw ValueProblem("\(Spelling.quoted(text)) is not a path: write one like /metrics")
        }
        guard !(Routes.otherPaths + [Routes.reloadPath]).contains(text) else {
            throw ValueProblem("\(text) is another page: write a path like /metrics")
        }
        return text
    }
}

extension RawRepresentable where Self: CaseIterable, RawValue == String {
    /// Reads one of an enumeration's words.
    ///
    /// - Throws: what there is instead.
    init(word: String) throws(ValueProblem) {
        guard let value = Self(rawValue: word) else {
            let advice = Spelling.advice(for: word, among: Self.allCases.map(\.rawValue))
            throw ValueProblem("\(Spelling.quoted(word)) is unknown: \(advice)")
        }
        self = value
    }
}

extension Configuration.LogLevel {
    /// Reads a level; `warn`, as other exporters call it, is `warning`.
    ///
    /// - Throws: what there is instead.
    init(_ word: String) throws(ValueProblem) {
        self = word == "warn" ? .warning : try Self(word: word)
    }
}

extension Configuration.LogFormat {
    /// Reads a format.
    ///
    /// - Throws: what there is instead.
    init(_ word: String) throws(ValueProblem) {
        self = try Self(word: word)
    }
}
