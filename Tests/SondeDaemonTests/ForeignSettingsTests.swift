import Testing

@testable import SondeDaemon

@Suite("What postgres_exporter's flags and variables say")
struct ForeignSettingsTests {
    private static func configuration(_ values: [String: String]) throws -> Configuration {
        var configuration = Configuration()
        try ForeignEnvironment(values).apply(to: &configuration)
        return configuration
    }

    @Test("every variable arrives where it belongs")
    func variables() throws {
        let found = try Self.configuration([
            "PG_EXPORTER_WEB_LISTEN_ADDRESS": ":1", "PG_EXPORTER_WEB_TELEMETRY_PATH": "/m",
            "PG_EXPORTER_DISABLE_DEFAULT_METRICS": "true", "PG_EXPORTER_DISABLE_SETTINGS_METRICS": "1",
            "PG_EXPORTER_AUTO_DISCOVER_DATABASES": "true", "PG_EXPORTER_CONSTANT_LABELS": "a=b, c=d=e",
            "PG_EXPORTER_EXCLUDE_DATABASES": "x, y,", "PG_EXPORTER_INCLUDE_DATABASES": "z",
            "PG_EXPORTER_METRIC_PREFIX": "pg", "PG_EXPORTER_COLLECTION_TIMEOUT": "1m30s",
            "PG_EXPORTER_EXTEND_QUERY_PATH": "/etc/queries.yaml",
        ])
        #expect(found.web.listen == [.tcp(host: "", port: 1)])
        #expect(found.web.telemetryPath == "/m")
        var expected = ForeignSettings()
        expected.discoversDatabases = true
        expected.includedDatabases = ["z"]
        expected.excludedDatabases = ["x", "y"]
        expected.lacksDefaults = true
        expected.lacksSettings = true
        expected.timeout = .seconds(90)
        expected.constantLabels = [.init(name: "a", value: "b"), .init(name: "c", value: "d=e")]
        expected.queriesPath = "/etc/queries.yaml"
        #expect(found.foreign == expected)
    }

    @Test("what cannot be served is refused, and what is wrong is told by the variable's name")
    func mistakes() {
        let problems = told {
            _ = try Self.configuration([
                "PG_EXPORTER_METRIC_PREFIX": "db",
                "PG_EXPORTER_AUTO_DISCOVER_DATABASES": "yes", "PG_EXPORTER_COLLECTION_TIMEOUT": "0",
                "PG_EXPORTER_CONSTANT_LABELS": "server=a",
            ])
        }
        #expect(problems.count == 4)
        for name in ["METRIC_PREFIX", "AUTO_DISCOVER", "COLLECTION_TIMEOUT", "CONSTANT_LABELS"] {
            #expect(problems.contains { $0.hasPrefix("PG_EXPORTER_\(name)") })
        }
    }

    @Test(
        "times are written as Go has them",
        arguments: [
            ("1m", 60_000), ("1.5s", 1_500), ("500ms", 500), ("1h2m3s", 3_723_000), ("1ms", 1),
        ])
    func durations(text: String, milliseconds: Int) throws {
        #expect(try ForeignSettings.duration(text) == .milliseconds(milliseconds))
    }

    @Test(
        "what is no time is refused", arguments: ["", "0", "5", "1 m", "-1s", "1d", "100us", "x", "1m1", "1e3s", ".s"])
    func badDurations(text: String) {
        #expect(throws: ValueProblem.self) { try ForeignSettings.duration(text) }
    }

    @Test(
        "labels that clash or are none are refused", arguments: ["a", "1=b", "server=x", "a=1,a=2", "le-x=1", "__a=1"])
    func badLabels(text: String) {
        #expect(throws: ValueProblem.self) { try ForeignSettings.labels(text) }
    }

    /// Any URI gives its host; what it was called with is kept.
    private static let uriKeywords: ServerSection.ConnectionStringParser = { uri in
        ["host": uri.replacing("postgresql://", with: "")]
    }

    @Test("the parts of a data source make one server")
    func source() throws {
        let environment = ForeignEnvironment([
            "DATA_SOURCE_URI": "db1", "DATA_SOURCE_USER": "me", "DATA_SOURCE_PASS": "geheim", "PGPORT": "6",
        ])
        let server = try #require(try environment.server(parse: Self.uriKeywords))
        #expect(server.name == "db1:6")
        #expect(server.keywords == ["host": "db1", "user": "me", "password": "geheim"])
        #expect(try ForeignEnvironment(["DATA_SOURCE_USER": "me"]).server(parse: Self.uriKeywords) == nil)
    }

    @Test("a file wins over the variable, and the password's is only named")
    func files() throws {
        try withFolder(["uri": " db2\n", "user": "you\n"]) { folder in
            let environment = ForeignEnvironment([
                "DATA_SOURCE_URI": "db1", "DATA_SOURCE_URI_FILE": "\(folder)/uri", "DATA_SOURCE_USER": "me",
                "DATA_SOURCE_USER_FILE": "\(folder)/user", "DATA_SOURCE_PASS": "geheim",
                "DATA_SOURCE_PASS_FILE": "\(folder)/not-there-yet",
            ])
            let server = try #require(try environment.server(parse: Self.uriKeywords))
            #expect(server.keywords == ["host": "db2", "user": "you"])
            #expect(server.passwordFile == "\(folder)/not-there-yet")
        }
        #expect(
            told {
                _ = try ForeignEnvironment(["DATA_SOURCE_URI_FILE": "/not/there"]).server(parse: Self.uriKeywords)
            }.count == 1)
    }

    @Test("a data source that cannot be read is not shown")
    func secret() {
        let told = told {
            _ = try ForeignEnvironment(["DATA_SOURCE_URI": "u:geheim@"]).server { _ in
                throw ValueProblem("it cannot be read")
            }
        }
        #expect(told.count == 1 && !told[0].contains("geheim") && told[0].hasPrefix("DATA_SOURCE_URI: "))
    }

    @Test("a file of postgres_exporter's is known by what is in it, or by its name where it is not there")
    func file() throws {
        let text = "auth_modules:\n  a: {type: userpass, userpass: {username: u, password: geheim}}\n"
        let file = try ConfigurationFile(Array(text.utf8), path: "x.yml", parse: plainKeywords)
        #expect(file.isForeign && file.configuration == Configuration() && file.warnings.isEmpty)
        let missing = try ConfigurationFile.read(
            "/not/there/postgres_exporter.yml", environment: [:], parse: plainKeywords)
        #expect(missing.isForeign)
        #expect(throws: FileProblems.self) {
            try ConfigurationFile.read("/not/there/other.yml", environment: [:], parse: plainKeywords)
        }
        #expect(throws: FileProblems.self) {
            try ConfigurationFile(Array("\(text)log: {level: info}\n".utf8), path: "x.yml", parse: plainKeywords)
        }
        let own = try ConfigurationFile(Array("names: both\n".utf8), path: "x.yml", parse: plainKeywords)
        #expect(own.choosesNames && own.configuration.names == .both && !own.isForeign)
    }
}
