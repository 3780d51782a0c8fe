import Testing

@testable import SondeDaemon

@Suite("Environment and overrides")
struct ConfigEnvironmentTests {
    @Test("an empty environment overrides nothing, and the default server is libpq's")
    func empty() throws {
        for values in [[:], ["DATA_SOURCE_NAME": "", "PGSONDE_LOG_LEVEL": "", "PGSONDE_CONFIG_FILE": ""]] {
            let environment = Environment(values)
            #expect(try environment.overrides(parse: plainKeywords) == Configuration.Overrides())
            #expect(environment.configFile == nil)
            #expect(environment.defaultServer == Configuration.Server(name: "localhost:5432"))
        }
    }

    @Test("every variable arrives where it belongs")
    func everything() throws {
        let environment = Environment([
            "PGSONDE_CONFIG_FILE": "/etc/x.yaml", "PGSONDE_WEB_LISTEN_ADDRESS": ":1, [::1]:2,unix:/run/x",
            "PGSONDE_WEB_TELEMETRY_PATH": "/m", "PGSONDE_LOG_LEVEL": "warn", "PGSONDE_LOG_FORMAT": "json",
            "DATA_SOURCE_NAME": "postgresql://a/x,host=b user=u", "PGPORT": "6",
        ])
        var overrides = try environment.overrides(parse: plainKeywords)
        #expect(overrides.servers?.map(\.foreignName) == ["a:5432", "b:5432"])
        for index in overrides.servers?.indices ?? 0..<0 { overrides.servers?[index].foreignName = nil }
        #expect(environment.configFile == "/etc/x.yaml")
        #expect(
            overrides
                == Configuration.Overrides(
                    servers: [
                        Configuration.Server(name: "a:6", keywords: ["host": "a"]),
                        Configuration.Server(name: "b:6", keywords: ["host": "b", "user": "u"]),
                    ],
                    listen: [.tcp(host: "", port: 1), .tcp(host: "::1", port: 2), .unix(path: "/run/x")],
                    telemetryPath: "/m", logLevel: .warning, logFormat: .json))
    }

    @Test("everything that is wrong is told by the variable's name, without the connection string")
    func mistakes() {
        let environment = Environment([
            "PGSONDE_WEB_LISTEN_ADDRESS": ":1,:1", "PGSONDE_WEB_TELEMETRY_PATH": "m", "PGSONDE_LOG_LEVEL": "infoo",
            "PGSONDE_LOG_FORMAT": "xml", "DATA_SOURCE_NAME": "host=a,host=b geheim",
        ])
        #expect(
            told { _ = try environment.overrides(parse: plainKeywords) } == [
                "PGSONDE_WEB_LISTEN_ADDRESS: :1 is there twice: remove one of them",
                "PGSONDE_WEB_TELEMETRY_PATH: \"m\" is not a path: write one like /metrics",
                "PGSONDE_LOG_LEVEL: \"infoo\" is unknown: did you mean \"info\"?",
                "PGSONDE_LOG_FORMAT: \"xml\" is unknown: write one of logfmt, json",
                """
                DATA_SOURCE_NAME: connection string 2: missing "=": write postgresql://user@host:port/dbname \
                or host=... port=... user=... dbname=...
                """,
            ])
    }

    @Test(
        "connection strings that cannot be are refused",
        arguments: [
            (" ", "DATA_SOURCE_NAME: there is no connection string in it: write one, or unset it"),
            (
                "host=a dbname=x,host=a dbname=y",
                "DATA_SOURCE_NAME: two servers are called a:5432: give them names in a configuration file"
            ),
            (
                "host=a replication=true",
                """
                DATA_SOURCE_NAME: connection string 1: replication cannot be set: pgsonde needs an ordinary session: \
                remove it
                """
            ),
        ])
    func refused(_ text: String, _ problem: String) {
        #expect(told { _ = try Environment(["DATA_SOURCE_NAME": text]).overrides(parse: plainKeywords) } == [problem])
    }

    @Test("under postgres_exporter's names a server of the environment has its name there, and its host")
    func adopted() throws {
        func servers(
            _ names: NameSet, _ text: String, _ values: [String: String] = [:]
        ) throws
            -> [Configuration.Server]
        {
            var configuration = Configuration(names: names)
            let values = values.merging(["DATA_SOURCE_NAME": text]) { $1 }
            configuration.apply(try Environment(values).overrides(parse: plainKeywords))
            configuration.adopt(values)
            return configuration.servers
        }
        let socket = "host=/run/postgresql user=x"
        for names in [NameSet.postgresExporter, .both] {
            #expect(try servers(names, socket).map(\.name) == ["/run/postgresql:5432"])
            #expect(try servers(names, "user=x").map(\.keywords) == [["host": "localhost", "user": "x"]])
            #expect(try servers(names, "user=x", ["PGHOST": "db1"]).map(\.keywords) == [["user": "x"]])
            #expect(try servers(names, "service=x").map(\.keywords) == [["service": "x"]])
        }
        #expect(try servers(.pgsonde, socket).map(\.name) == ["localhost:5432"])
        #expect(try servers(.pgsonde, "user=x").map(\.keywords) == [["user": "x"]])
        // Two that have one name there keep their own.
        let same = "hostaddr=10.0.0.1 user=x,hostaddr=10.0.0.2 user=x"
        #expect(try servers(.both, same).map(\.name) == ["10.0.0.1:5432", "10.0.0.2:5432"])
    }

    @Test("what is said later counts, key by key")
    func precedence() throws {
        let text = """
            servers: [{host: file}]
            log: {level: debug, format: json}
            web: {listen: ':1', telemetry_path: /file}
            collectors: {locks: {every: 30s}, wal: true}
            """
        var configuration = try ConfigurationFile(Array(text.utf8), path: "f", parse: plainKeywords).configuration
        configuration.apply(
            Configuration.Overrides(
                listen: [.tcp(host: "", port: 2)], telemetryPath: "/flag", logLevel: .error,
                collectors: ["locks": true, "wal": false, "table": true]))
        configuration.apply(
            try Environment(["PGSONDE_LOG_LEVEL": "info", "DATA_SOURCE_NAME": "host=env"]).overrides(
                parse: plainKeywords))
        #expect(configuration.servers.map(\.name) == ["env:5432"])
        #expect(configuration.servers.map(\.keywords) == [["host": "env"]])
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .json)
        #expect(configuration.web.listen == [.tcp(host: "", port: 2)])
        #expect(configuration.web.telemetryPath == "/flag")
        #expect(
            configuration.collectors == [
                "locks": Configuration.CollectorOptions(enabled: true, every: .seconds(30)),
                "wal": Configuration.CollectorOptions(enabled: false),
                "table": Configuration.CollectorOptions(enabled: true),
            ])
    }
}
