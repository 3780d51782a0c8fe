import Sonde

/// The configuration file, read and checked by itself.
struct ConfigurationFile: Sendable {
    /// The keys of the file, in the order of the reference.
    static let keys = [
        "servers", "server_label", "names", "collectors", "collectors_dir", "exec", "outputs", "web", "log",
    ]
    /// The keys of a collector.
    static let collectorKeys = ["enabled", "every", "timeout", "expire", "limit"]
    /// The keys of `outputs`.
    static let outputsKeys = ["ffwd"]
    /// The keys of `outputs.ffwd`.
    static let ffwdKeys = ["host", "port", "key"]
    /// The keys of `web`.
    static let webKeys = [
        "listen", "telemetry_path", "config_file", "max_connections", "header_timeout", "idle_timeout",
        "response_timeout",
    ]
    /// The keys of `log`.
    static let logKeys = ["level", "format"]

    /// Where a collector's options stand.
    private struct CollectorPlace: Sendable {
        let name: YAMLNode
        let values: [String: YAMLNode]
    }

    let path: String
    private(set) var configuration = Configuration()
    /// Whether the file is one of postgres_exporter's, which holds nothing that concerns us.
    private(set) var isForeign = false
    /// Whether the file says which names the page has.
    private(set) var choosesNames = false
    /// What is not wrong but should be known, one line each.
    private(set) var warnings: [String] = []
    private var collectorPlaces: [CollectorPlace] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: absolute or not; relative paths within the file begin in its folder.
    ///   - environment: where libpq looks for keywords that are not in the file.
    ///   - parse: libpq's own reading of connection strings.
    /// - Returns: the file, with a warning where it shows a password to everybody, or others can write to it.
    /// - Throws: everything that is wrong.
    static func read(
        _ path: String, environment: [String: String], parse: @escaping ServerSection.ConnectionStringParser
    ) throws(FileProblems) -> ConfigurationFile {
        // Where postgres_exporter looks for its own file, which most do not have.
        if path == "postgres_exporter.yml" || path.hasSuffix("/postgres_exporter.yml"), !BoundedFile.exists(path) {
            return ConfigurationFile(foreign: path)
        }
        let file = try BoundedFile.read(path, atMost: YAMLParser.maxBytes)
        var result = try ConfigurationFile(file.bytes, path: path, environment: environment, parse: parse)
        if result.hasSecret, file.isReadableByOthers {
            result.warnings.append(
                "\(path): every user can read it and there is a password in it: chmod o= it, or write password_file"
            )
        }
        if let danger = FileAccess.danger(ofWriting: path) { result.warnings.append(danger) }
        return result
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: everything that is wrong.
    init(
        _ bytes: [UInt8], path: String, environment: [String: String] = [:],
        parse: @escaping ServerSection.ConnectionStringParser
    ) throws(FileProblems) {
        self.path = path
        guard let document = try YAMLParser.document(in: bytes, file: path) else { return }
        if case .mapping(let entries) = document.content, entries.map(\.key.text) == ["auth_modules"] {
            isForeign = true
            return
        }
        var decoder = YAMLDecoder(file: path)
        let folder = BoundedFile.folder(of: path)
        let servers = ServerSection(folder: folder, environment: environment, parse: parse)
        if let keys = decoder.mapping(document, "the file", keys: Self.keys) {
            if let node = keys["servers"] { readServers(node, servers, &decoder) }
            if let node = keys["server_label"] {
                configuration.serverLabel = decoder.choice(node, "server_label") ?? configuration.serverLabel
            }
            if let node = keys["names"] {
                configuration.names = decoder.choice(node, "names") ?? configuration.names
                choosesNames = true
            }
            if let node = keys["collectors"] { readCollectors(node, &decoder) }
            if let node = keys["collectors_dir"], let path = decoder.word(node, "collectors_dir") {
                configuration.collectorsDirectory = path.hasPrefix("/") ? path : "\(folder)/\(path)"
            }
            if let node = keys["exec"] { configuration.allowsExec = decoder.bool(node, "exec") ?? false }
            if let node = keys["outputs"] { readOutputs(node, &decoder) }
            if let node = keys["web"] { readWeb(node, &decoder) }
            if let node = keys["log"] { readLog(node, &decoder) }
        }
        try decoder.finish()
    }

    /// The file of postgres_exporter that is not there.
    private init(foreign path: String) {
        self.path = path
        isForeign = true
    }

    private var hasSecret = false

    /// Checks what the file says of collectors against those that there are.
    ///
    /// - Parameters:
    ///   - collectors: those that there are.
    ///   - named: those that there are under other names, too.
    ///   - lacking: names that no collector has and that are told elsewhere.
    /// - Throws: names that no collector has, and times that do not go together.
    func check(
        against collectors: [any Collector], named: [String: any Collector] = [:], lacking: Set<String> = []
    ) throws(FileProblems) {
        var decoder = YAMLDecoder(file: path)
        let names = Set(collectors.map { $0.name }).union(named.keys).sorted()
        for place in collectorPlaces {
            let name = place.name.text ?? ""
            guard !lacking.contains(name) else { continue }
            guard let collector = collectors.first(where: { $0.name == name }) ?? named[name] else {
                decoder.report(
                    place.name,
                    "there is no collector \(Spelling.quoted(name)): \(Spelling.advice(for: name, among: names))")
                continue
            }
            guard let options = configuration.collectors[name] else { continue }
            if options.isOnScrape,
                collector.cost != .light || collector.per != .server || collector is any LocalCollector,
                let node = place.values["every"]
            {
                decoder.report(
                    node, "\(name) is too dear to run at every scrape: write how often it is to run, such as 1m")
            }
            if collector.limit == nil, let node = place.values["limit"] {
                decoder.report(node, "\(name) has no limit that could be changed: remove the key")
            }
            for problem in options.timing(over: collector.timing).problems {
                guard let node = place.values[String(problem.prefix { $0 != " " })] else { continue }
                decoder.report(node, problem)
            }
        }
        try decoder.finish()
    }

    private mutating func readServers(_ node: YAMLNode, _ section: ServerSection, _ decoder: inout YAMLDecoder) {
        guard let items = decoder.items(node, "servers") else { return }
        if items.isEmpty, !node.isNull {
            decoder.report(node, "servers is an empty list: write a server, or remove the key to watch the default one")
        }
        var lines: [String: Int] = [:]
        for item in items {
            guard let (server, hasSecret) = section.server(item, &decoder) else { continue }
            if let line = lines.updateValue(item.line, forKey: server.name) {
                decoder.report(
                    item,
                    "the server in line \(line) is called \(Spelling.quoted(server.name)) too: give each its own name"
                )
            }
            configuration.servers.append(server)
            self.hasSecret = self.hasSecret || hasSecret
        }
        let variables = Set(configuration.servers.compactMap(\.passwordVariable))
        for index in configuration.servers.indices where configuration.servers[index].passwordCommand != nil {
            configuration.servers[index].withheldVariables = variables
        }
    }

    private mutating func readCollectors(_ node: YAMLNode, _ decoder: inout YAMLDecoder) {
        for entry in decoder.entries(node, "collectors") ?? [] {
            guard let name = decoder.word(entry.key, "a collector's name") else { continue }
            var options = Configuration.CollectorOptions()
            var values: [String: YAMLNode] = [:]
            if case .scalar = entry.value.content, !entry.value.isNull {
                options.enabled = decoder.bool(entry.value, name)
            } else if let keys = decoder.mapping(entry.value, "collector \(name)", keys: Self.collectorKeys) {
                for key in Self.collectorKeys { values[key] = keys[key] }
                options.enabled = values["enabled"].flatMap { decoder.bool($0, "enabled") }
                options.isOnScrape = values["every"]?.text == "scrape"
                options.every =
                    options.isOnScrape
                    ? nil
                    : values["every"].flatMap {
                        decoder.duration($0, "every", from: .milliseconds(100), to: .seconds(7 * 86_400))
                    }
                options.timeout = values["timeout"].flatMap {
                    decoder.duration($0, "timeout", from: .milliseconds(10), to: .seconds(3_600))
                }
                options.expire = values["expire"].flatMap {
                    decoder.duration($0, "expire", from: .milliseconds(100), to: .seconds(30 * 86_400))
                }
                options.limit = values["limit"].flatMap { decoder.int($0, "limit", in: 0...1_000_000) }
            }
            configuration.collectors[name] = options
            collectorPlaces.append(CollectorPlace(name: entry.key, values: values))
        }
    }

    /// An output runs where its key is there, were it without a value.
    private mutating func readOutputs(_ node: YAMLNode, _ decoder: inout YAMLDecoder) {
        guard let node = decoder.mapping(node, "outputs", keys: Self.outputsKeys)?["ffwd"],
            let keys = decoder.mapping(node, "ffwd", keys: Self.ffwdKeys)
        else { return }
        var ffwd = Configuration.FFWD()
        if let node = keys["host"] { ffwd.host = decoder.word(node, "host") ?? ffwd.host }
        if let node = keys["port"] { ffwd.port = decoder.int(node, "port", in: 1...65_535) ?? ffwd.port }
        if let node = keys["key"] { ffwd.key = decoder.word(node, "key") ?? ffwd.key }
        configuration.ffwd = ffwd
    }

    private mutating func readWeb(_ node: YAMLNode, _ decoder: inout YAMLDecoder) {
        guard let keys = decoder.mapping(node, "web", keys: Self.webKeys) else { return }
        var web = Configuration.Web()
        if let node = keys["listen"] { web.listen = addresses(node, &decoder) }
        if let node = keys["telemetry_path"] {
            web.telemetryPath = decoder.value(node, "telemetry_path", Configuration.Web.path) ?? web.telemetryPath
        }
        if let node = keys["config_file"], let path = decoder.word(node, "config_file") {
            web.configFile = path.hasPrefix("/") ? path : "\(BoundedFile.folder(of: self.path))/\(path)"
        }
        if let node = keys["max_connections"] {
            web.maxConnections = decoder.int(node, "max_connections", in: 1...65_536) ?? web.maxConnections
        }
        let times: [(key: String, place: WritableKeyPath<Configuration.Web, Duration>)] = [
            ("header_timeout", \.headerTimeout), ("idle_timeout", \.idleTimeout),
            ("response_timeout", \.responseTimeout),
        ]
        for (key, place) in times {
            guard let node = keys[key] else { continue }
            let time = decoder.duration(node, key, from: .milliseconds(100), to: .seconds(3_600))
            web[keyPath: place] = time ?? web[keyPath: place]
        }
        configuration.web = web
    }

    private func addresses(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> [Configuration.ListenAddress] {
        var items = [node]
        if case .sequence(let list) = node.content { items = list }
        if items.isEmpty {
            decoder.report(node, "listen is an empty list: write an address like :9187, or remove the key")
        }
        var addresses: [Configuration.ListenAddress] = []
        for item in items {
            guard let address = decoder.value(item, "listen", Configuration.Web.address) else { continue }
            if addresses.contains(address) {
                decoder.report(item, "listen: \(address) is there twice: remove one of them")
            }
            addresses.append(address)
        }
        return addresses
    }

    private mutating func readLog(_ node: YAMLNode, _ decoder: inout YAMLDecoder) {
        guard let keys = decoder.mapping(node, "log", keys: Self.logKeys) else { return }
        if let node = keys["level"] {
            configuration.logLevel = decoder.value(node, "level", Configuration.LogLevel.init(_:)) ?? .info
        }
        if let node = keys["format"] { configuration.logFormat = decoder.choice(node, "format") ?? .logfmt }
    }
}
