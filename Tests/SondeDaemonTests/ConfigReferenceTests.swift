import Glibc
import Logging
import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

/// The files that are shipped say what the code does.
@Suite("Shipped configuration")
struct ConfigReferenceTests {
    @Test("the reference as it is equals the defaults")
    func defaults() throws {
        let file = try ConfigurationFile(
            Self.bytes("pgsonde.yaml"), path: "/etc/pgsonde/pgsonde.yaml", parse: plainKeywords)
        #expect(file.configuration == Configuration())
    }

    @Test("the reference with all settings uncommented is good, and shows the collectors' own values")
    func uncommented() throws {
        let file = try ConfigurationFile(
            Array(Self.uncommented("pgsonde.yaml").utf8), path: "/etc/pgsonde/pgsonde.yaml", parse: plainKeywords)
        #expect(file.configuration.servers.map(\.name) == ["main", "replica", "third", "fourth", "pooler"])
        #expect(file.configuration.collectorsDirectory == "/etc/pgsonde/collectors.d")
        #expect(file.configuration.ffwd == Configuration.FFWD())
        var web = Configuration.Web()
        web.configFile = "/etc/pgsonde/web.yml"
        #expect(file.configuration.web == web)
        #expect(file.configuration.collectors.count >= 3)
        for (name, options) in file.configuration.collectors {
            let collector = try #require(Builtin.collectors.first { $0.name == name })
            let expected = Configuration.CollectorOptions(
                enabled: collector.enabled, every: collector.timing.every, timeout: collector.timing.timeout,
                expire: collector.timing.expire, limit: collector.limit?.rows)
            #expect(options == expected, "\(name)")
        }
        try file.check(against: Builtin.collectors)
    }

    @Test("the configuration in force is shown as a file that says the same, secrets aside")
    func encoded() throws {
        let path = "/etc/pgsonde/pgsonde.yaml"
        var wanted = try ConfigurationFile(
            Array(Self.uncommented("pgsonde.yaml").utf8), path: path, parse: plainKeywords
        ).configuration
        for index in wanted.servers.indices where wanted.servers[index].passwordCommand != nil {
            wanted.servers[index].passwordCommand = ["vault"]
        }
        wanted.serverLabel = .always
        wanted.names = .both
        wanted.logLevel = .debug
        wanted.logFormat = .json
        wanted.collectors["activity"]?.isOnScrape = true
        wanted.collectors["activity"]?.every = nil
        wanted.web = Configuration.Web(
            listen: [.tcp(host: "::1", port: 1), .unix(path: "/a b")], telemetryPath: "/m",
            configFile: "/etc/pgsonde/web.yml", maxConnections: 3, headerTimeout: .seconds(1), idleTimeout: .seconds(2),
            responseTimeout: .seconds(3))
        let text = ConfigurationEncoder.text(wanted)
        #expect(try ConfigurationFile(Array(text.utf8), path: path, parse: plainKeywords).configuration == wanted)
    }

    @Test("the reference has every key that the code knows, where it belongs")
    func everyKey() throws {
        let root = try #require(
            try YAMLParser.document(in: Array(Self.uncommented("pgsonde.yaml").utf8), file: "pgsonde.yaml"))
        #expect(Self.keys(root) == ConfigurationFile.keys)
        #expect(Set(Self.items(root, "servers").flatMap(Self.keys)) == Set(ServerSection.keys))
        let databases = Self.items(root, "servers").compactMap { Self.value($0, "databases") }
        #expect(Set(databases.flatMap(Self.keys)) == Set(DatabasesDecoder.keys))
        let outputs = Self.value(root, "outputs")
        #expect(outputs.map(Self.keys) == ConfigurationFile.outputsKeys)
        #expect(outputs.flatMap { Self.value($0, "ffwd") }.map(Self.keys) == ConfigurationFile.ffwdKeys)
        #expect(Self.value(root, "web").map(Self.keys) == ConfigurationFile.webKeys)
        #expect(Self.value(root, "log").map(Self.keys) == ConfigurationFile.logKeys)
        for entry in Self.value(root, "collectors").map(Self.entries) ?? [] {
            let keys = Self.keys(entry.value)
            #expect(keys == ConfigurationFile.collectorKeys.filter { $0 != "limit" || keys.contains($0) })
        }
        let text = Self.text("pgsonde.yaml")
        for (variable, _) in Environment.variables { #expect(text.contains(variable)) }
    }

    @Test("the web reference is good as it is, and uncommented has every key that the code knows")
    func web() throws {
        let root = try #require(
            try YAMLParser.document(in: Array(Self.uncommented("web.yml").utf8), file: "web.yml"))
        #expect(Self.keys(root) == WebConfigurationFile.keys)
        let inline = ["cert", "key", "client_ca"]
        #expect(
            Self.value(root, "tls_server_config").map(Self.keys)
                == WebTLSSection.keys.filter { !inline.contains($0) })
        let headers = Self.value(root, "http_server_config").flatMap { Self.value($0, "headers") }
        #expect(Set(headers.map(Self.keys) ?? []) == Set(WebConfigurationFile.headers.keys))
        for text in [Self.text("web.yml"), Self.uncommented("web.yml")] {
            let files = ["web.yml": text, "clients.crt": TLSTestFiles.certificate]
            try withFolder(TLSTestFiles.all.merging(files) { $1 }) { folder in
                let web = try WebConfigurationFile.read("\(folder)/web.yml")
                #expect((web.tls != nil) == (text != Self.text("web.yml")))
            }
        }
    }

    @Test("the example is a collector of ours, as it is")
    func example() throws {
        let found = try DefinitionDecoder.definitions(in: Self.bytes("collectors.d/example.yaml"), file: "example.yaml")
        let own = Builtin.collectors.compactMap { $0 as? Definition }.first { $0.name == found.first?.definition.name }
        #expect(found.map(\.definition) == [try #require(own)])
    }

    @Test("the example with all settings uncommented is good, and has every key of a definition")
    func exampleKeys() throws {
        let text = Self.uncommented("collectors.d/example.yaml")
        _ = try DefinitionDecoder.definitions(in: Array(text.utf8), file: "example.yaml", checks: false)
        let root = try #require(try YAMLParser.document(in: Array(text.utf8), file: "example.yaml"))
        #expect(Self.keys(root) == DefinitionDecoder.keys)
        #expect(Set(Self.items(root, "columns").flatMap(Self.keys)) == Set(DefinitionDecoder.columnKeys))
        #expect(Self.value(root, "databases").map(Self.keys) == DatabasesDecoder.keys)
        #expect(Self.value(root, "limit").map(Self.keys) == DefinitionDecoder.limitKeys)
        #expect(Self.value(root, "requires").map(Self.keys) == DefinitionDecoder.requiresKeys)
    }

    @Test("the example of a command is good, has every key, and shows the defaults")
    func execExample() throws {
        let name = "collectors.d/exec.yaml.example"
        let logger = Logger(label: "test")
        let plain = try DefinitionDecoder.collectors(in: Self.bytes(name), file: "/etc/x.yaml", logger: logger)
        let text = Self.uncommented(name)
        let all = try DefinitionDecoder.collectors(in: Array(text.utf8), file: "/etc/x.yaml", logger: logger)
        let collectors = (plain + all).compactMap { $0.collector as? ExecCollector }
        try #require(collectors.count == 2)
        #expect(collectors[0].command == ["/etc/./backup-metrics", "--stanza", "main"])
        #expect(collectors[0].prefixes == collectors[1].prefixes)
        #expect(collectors[0].timing == collectors[1].timing)
        #expect(collectors[0].limits == collectors[1].limits)
        let root = try #require(try YAMLParser.document(in: Array(text.utf8), file: name))
        #expect(Self.keys(root) == ExecDecoder.keys)
        #expect(Self.value(root, "limit").map(Self.keys) == ExecDecoder.limitKeys)
        for variable in ExecRun.kept { #expect(Self.text(name).contains(variable)) }
    }

    @Test("the example names every unit, cost, scope and role")
    func exampleWords() {
        let text = Self.text("collectors.d/example.yaml")
        let words =
            Unit.allCases.map(\.rawValue) + Cost.allCases.map(\.rawValue) + Scope.allCases.map(\.rawValue)
            + ServerRole.allCases.map(\.rawValue) + Fold.allCases.map(\.rawValue) + ServerKind.allCases.map(\.rawValue)
        for word in words { #expect(text.contains(word), "\(word) is missing") }
    }

    @Test("every built-in definition reads back from its YAML")
    func builtin() throws {
        for definition in Builtin.collectors.compactMap({ $0 as? Definition }) {
            let text = DefinitionEncoder.text(definition)
            #expect(
                try DefinitionDecoder.definitions(in: Array(text.utf8), file: definition.name).map(\.definition)
                    == [definition])
        }
    }

    @Test("no shipped line is longer than 120 characters")
    func width() {
        for name in ["pgsonde.yaml", "web.yml", "collectors.d/example.yaml", "collectors.d/exec.yaml.example"] {
            #expect(Self.text(name).split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    /// The file with `#key` and `#- item` turned into settings; `# text` stays a comment.
    private static func uncommented(_ name: String) -> String {
        text(name).split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let indentation = line.prefix { $0 == " " }
            let rest = line[indentation.endIndex...]
            guard rest.hasPrefix("#"), rest != "#", !rest.hasPrefix("# ") else { return String(line) }
            return "\(indentation)\(rest.dropFirst())"
        }.joined(separator: "\n")
    }

    private static func entries(_ node: YAMLNode) -> [YAMLNode.Entry] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries
    }

    private static func keys(_ node: YAMLNode) -> [String] {
        entries(node).compactMap(\.key.text)
    }

    private static func value(_ node: YAMLNode, _ key: String) -> YAMLNode? {
        entries(node).first { $0.key.text == key }?.value
    }

    private static func items(_ node: YAMLNode, _ key: String) -> [YAMLNode] {
        guard case .sequence(let items) = value(node, key)?.content else { return [] }
        return items
    }

    private static func text(_ name: String) -> String {
        String(decoding: bytes(name), as: UTF8.self)
    }

    /// A file of the folder `config` of this package.
    private static func bytes(_ name: String) -> [UInt8] {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return (try? BoundedFile.read("/\(tests)/config/\(name)", atMost: YAMLParser.maxBytes).bytes) ?? []
    }
}
