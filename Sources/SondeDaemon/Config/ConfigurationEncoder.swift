import Sonde

/// Writes what is in force as the file that would say it, without secrets: what is at its default is left out.
enum ConfigurationEncoder {
    /// What stands for a secret.
    static let mask = "***"

    /// The file.
    ///
    /// - Parameters:
    ///   - configuration: what is in force.
    ///   - isForOthers: whether what names servers, hosts, roles and databases is left out, too.
    /// - Returns: its text, in YAML.
    static func text(_ configuration: Configuration, isForOthers: Bool = false) -> String {
        let usual = Configuration()
        var configuration = configuration
        if isForOthers {
            if configuration.collectorsDirectory != nil { configuration.collectorsDirectory = "<folder>" }
            if configuration.web.configFile != nil { configuration.web.configFile = "<file>" }
        }
        let servers = configuration.servers.enumerated().map { index, server in
            node(isForOthers ? anonymous(server, index) : server)
        }
        var entries = [("servers", YAMLNode(content: .sequence(servers)))]
        if configuration.serverLabel != usual.serverLabel {
            entries.append(("server_label", .plain(configuration.serverLabel.rawValue)))
        }
        if configuration.names != usual.names { entries.append(("names", .plain(configuration.names.rawValue))) }
        let collectors = configuration.collectors.filter { $0.value != Configuration.CollectorOptions() }
        if !collectors.isEmpty {
            let options = collectors.sorted { $0.key < $1.key }
            entries.append(("collectors", .mapping(options.map { ($0.key, node($0.value)) })))
        }
        if let path = configuration.collectorsDirectory { entries.append(("collectors_dir", .text(path))) }
        if configuration.allowsExec { entries.append(("exec", .plain("true"))) }
        if let ffwd = configuration.ffwd {
            let keys = [("host", .text(ffwd.host)), ("port", .plain("\(ffwd.port)")), ("key", YAMLNode.text(ffwd.key))]
            entries.append(("outputs", .mapping([("ffwd", .mapping(keys))])))
        }
        let web = node(configuration.web, usual: usual.web)
        if !web.isEmpty { entries.append(("web", .mapping(web))) }
        var log: [(String, YAMLNode)] = []
        if configuration.logLevel != usual.logLevel { log.append(("level", .plain(configuration.logLevel.rawValue))) }
        if configuration.logFormat != usual.logFormat {
            log.append(("format", .plain(configuration.logFormat.rawValue)))
        }
        if !log.isEmpty { entries.append(("log", .mapping(log))) }
        return YAMLWriter.text(.mapping(entries))
    }

    /// The server without what names it, its hosts, roles and databases.
    private static func anonymous(_ server: Configuration.Server, _ index: Int) -> Configuration.Server {
        var server = server
        server.name = "<server \(index + 1)>"
        for (keyword, mask) in ConnectionKeywords.personal where server.keywords[keyword] != nil {
            server.keywords[keyword] = mask
        }
        if server.passwordFile != nil { server.passwordFile = "<file>" }
        let patterns = { (patterns: [String]) in patterns.map { $0 == "*" ? $0 : "<pattern>" } }
        server.databases = patterns(server.databases)
        server.excludeDatabases = patterns(server.excludeDatabases)
        return server
    }

    private static func node(_ server: Configuration.Server) -> YAMLNode {
        var entries: [(String, YAMLNode)] = [("name", .text(server.name))]
        if server.kind != .postgresql { entries.append(("kind", .plain(server.kind.rawValue))) }
        var keywords = server.keywords
        for key in ["host", "port", "user", "dbname", "sslmode", "require_auth"] {
            guard let value = keywords.removeValue(forKey: key) else { continue }
            entries.append((key, .text(value)))
        }
        if !keywords.isEmpty {
            let shown = keywords.sorted { $0.key < $1.key }.map { keyword, value in
                (keyword, YAMLNode.text(ConnectionKeywords.hidden.contains(keyword) ? mask : value))
            }
            entries.append(("libpq", .mapping(shown)))
        }
        if let path = server.passwordFile { entries.append(("password_file", .text(path))) }
        if let words = server.passwordCommand {
            // What a command is given may be what opens the safe.
            let shown = words.prefix(1) + words.dropFirst().prefix(1).map { _ in mask }
            entries.append(("password_command", list(Array(shown))))
        }
        if let name = server.passwordCredential { entries.append(("password_credential", .text(name))) }
        if let name = server.passwordVariable { entries.append(("password_env", .text(name))) }
        if server.pooled { entries.append(("pooled", .plain("true"))) }
        let usual = Configuration.Server(name: "")
        if server.connections != usual.connections {
            entries.append(("connections", .plain("\(server.connections)")))
        }
        if server.loginsPerHour != usual.loginsPerHour {
            entries.append(("logins_per_hour", .plain("\(server.loginsPerHour)")))
        }
        var databases: [(String, YAMLNode)] = []
        if server.databases != usual.databases { databases.append(("include", list(server.databases))) }
        if !server.excludeDatabases.isEmpty { databases.append(("exclude", list(server.excludeDatabases))) }
        if !databases.isEmpty { entries.append(("databases", .mapping(databases))) }
        return .mapping(entries)
    }

    private static func node(_ options: Configuration.CollectorOptions) -> YAMLNode {
        var entries: [(String, YAMLNode)] = []
        if let enabled = options.enabled { entries.append(("enabled", .plain("\(enabled)"))) }
        if options.isOnScrape { entries.append(("every", .plain("scrape"))) }
        if let every = options.every { entries.append(("every", time(every))) }
        if let timeout = options.timeout { entries.append(("timeout", time(timeout))) }
        if let expire = options.expire { entries.append(("expire", time(expire))) }
        if let limit = options.limit { entries.append(("limit", .plain("\(limit)"))) }
        return .mapping(entries)
    }

    private static func node(_ web: Configuration.Web, usual: Configuration.Web) -> [(String, YAMLNode)] {
        var entries: [(String, YAMLNode)] = []
        if web.listen != usual.listen { entries.append(("listen", list(web.listen.map(\.description)))) }
        if web.telemetryPath != usual.telemetryPath { entries.append(("telemetry_path", .text(web.telemetryPath))) }
        if let path = web.configFile { entries.append(("config_file", .text(path))) }
        if web.maxConnections != usual.maxConnections {
            entries.append(("max_connections", .plain("\(web.maxConnections)")))
        }
        if web.headerTimeout != usual.headerTimeout { entries.append(("header_timeout", time(web.headerTimeout))) }
        if web.idleTimeout != usual.idleTimeout { entries.append(("idle_timeout", time(web.idleTimeout))) }
        if web.responseTimeout != usual.responseTimeout {
            entries.append(("response_timeout", time(web.responseTimeout)))
        }
        return entries
    }

    private static func list(_ words: [String]) -> YAMLNode {
        YAMLNode(content: .sequence(words.map(YAMLNode.text)))
    }

    private static func time(_ duration: Duration) -> YAMLNode {
        .plain(DurationText.text(duration))
    }
}
