import Sonde
import Testing

@testable import SondeDaemon

@Suite("Configuration file")
struct ConfigurationFileTests {
    @Test("an empty file is the defaults", arguments: ["", "# nothing\n", "servers:\nweb:\nlog:\ncollectors:\n", "{}"])
    func empty(_ text: String) throws {
        #expect(try read(text).configuration == Configuration())
    }

    @Test("every key arrives where it belongs")
    func everything() throws {
        let file = try read(
            """
            servers:
              - name: main
                dsn: "host=db1 user=sonde password=geheim"
                port: 6432
                dbname: app
                sslmode: verify-full
                libpq: {connect_timeout: 5, sslrootcert: /etc/ca.pem}
                pooled: true
                connections: 1
                databases:
                  include: [app, "tenant_*"]
                  exclude: tenant_test
              - host: ::1
                password_file: secrets/db2
              - host: /var/run/postgresql
                port: 5433
                password_command: vault read -field=password secret/db
              - dsn: host=a,b port=1,2
                password_command: [pass, show, db]
            server_label: always
            collectors:
              locks: false
              tables:
                enabled: true
                every: 2m
                timeout: 10s
                expire: 10m
              wal:
            collectors_dir: collectors.d
            web:
              listen: [":9187", "[::1]:9188", "unix:/run/pgsonde/web.sock"]
              telemetry_path: /m
              max_connections: 20
              header_timeout: 1s
              idle_timeout: 2s
              response_timeout: 3s
            log: {level: debug, format: json}
            """)
        var expected = Configuration()
        expected.servers = [
            Configuration.Server(
                name: "main",
                keywords: [
                    "host": "db1", "user": "sonde", "password": "geheim", "port": "6432", "dbname": "app",
                    "sslmode": "verify-full", "connect_timeout": "5", "sslrootcert": "/etc/ca.pem",
                ], pooled: true, connections: 1, databases: ["app", "tenant_*"], excludeDatabases: ["tenant_test"]),
            Configuration.Server(
                name: "[::1]:5432", keywords: ["host": "::1"], passwordFile: "/etc/pgsonde/secrets/db2"),
            Configuration.Server(
                name: "localhost:5433", keywords: ["host": "/var/run/postgresql", "port": "5433"],
                passwordCommand: ["/bin/sh", "-c", "vault read -field=password secret/db"]),
            Configuration.Server(
                name: "a:1,b:2", keywords: ["host": "a,b", "port": "1,2"], passwordCommand: ["pass", "show", "db"]),
        ]
        expected.serverLabel = .always
        expected.collectors = [
            "locks": Configuration.CollectorOptions(enabled: false),
            "tables": Configuration.CollectorOptions(
                enabled: true, every: .seconds(120), timeout: .seconds(10), expire: .seconds(600)),
            "wal": Configuration.CollectorOptions(),
        ]
        expected.collectorsDirectory = "/etc/pgsonde/collectors.d"
        expected.web = Configuration.Web(
            listen: [
                .tcp(host: "", port: 9_187), .tcp(host: "::1", port: 9_188), .unix(path: "/run/pgsonde/web.sock"),
            ],
            telemetryPath: "/m", maxConnections: 20, headerTimeout: .seconds(1), idleTimeout: .seconds(2),
            responseTimeout: .seconds(3))
        expected.logLevel = .debug
        expected.logFormat = .json
        #expect(file.configuration == expected)
        #expect(file.warnings.isEmpty)
    }

    @Test(
        "paths are found from the file's folder",
        arguments: [("a.yaml", "./d"), ("/a.yaml", "/d"), ("x/y/a.yaml", "x/y/d")])
    func folders(_ path: String, _ folder: String) throws {
        let file = try ConfigurationFile(Array("collectors_dir: d".utf8), path: path, parse: plainKeywords)
        #expect(file.configuration.collectorsDirectory == folder)
    }

    @Test("each mistake is told with its place and what to do", arguments: mistakes)
    func mistake(_ text: String, _ expected: [String]) {
        #expect(told { _ = try read(text) } == expected.map { "/etc/pgsonde/pgsonde.yaml:\($0)" })
    }

    private static let mistakes: [(String, [String])] = [
        ("servrs: []\n", ["1:1: unknown key \"servrs\" in the file: did you mean \"servers\"?"]),
        (
            "foo: 1\n",
            [
                "1:1: unknown key \"foo\" in the file: write one of servers, server_label, names, collectors, collectors_dir, exec, outputs, web, log"
            ]
        ),
        ("- a\n", ["1:1: the file is a list where a mapping is needed: write keys and values, one a line"]),
        ("just text\n", ["1:1: the file is a text where a mapping is needed: write keys and values, one a line"]),
        ("servers: {}\n", ["1:10: servers is a mapping where a list is needed: begin each item by \"- \""]),
        (
            "servers: []\n",
            ["1:10: servers is an empty list: write a server, or remove the key to watch the default one"]
        ),
        (
            "servers:\n  - postgresql://u:geheim@h/\n",
            ["2:5: a server is a text where a mapping is needed: write keys and values, one a line"]
        ),
        ("servers:\n  - hots: a\n", ["2:5: unknown key \"hots\" in a server: did you mean \"host\"?"]),
        ("servers:\n  - url: a\n", ["2:5: unknown key \"url\" in a server: did you mean \"dsn\"?"]),
        (
            "servers:\n  - password: geheim\n",
            [
                """
                2:5: unknown key "password" in a server: write password_file or password_command, which keep it out of \
                this file
                """
            ]
        ),
        (
            "servers:\n  - dsn: geheim\n",
            [
                """
                2:10: dsn: missing "=": write postgresql://user@host:port/dbname or host=... port=... user=... dbname=...
                """
            ]
        ),
        (
            "servers:\n  - dsn: host=a port=1\n    port: 2\n",
            ["3:11: port is set already, in line 2: remove one of them"]
        ),
        ("servers:\n  - port: 0\n", ["2:11: port: \"0\" is not a port: write a whole number from 1 to 65535"]),
        ("servers:\n  - port: 1,x\n", ["2:11: port: \"1,x\" is not a port: write a whole number from 1 to 65535"]),
        ("servers:\n  - port: [1]\n", ["2:11: port is a list where a text is needed: write one"]),
        ("servers:\n  - host:\n", ["2:10: host is nothing where a text is needed: write one, or remove the key"]),
        ("servers:\n  - host: ''\n", ["2:11: host is empty: write a text, or remove the key"]),
        ("servers:\n  - host: \"a\\0b\"\n", ["2:11: host has a control character in it: remove it"]),
        ("servers:\n  - sslmode: requier\n", ["2:14: sslmode: \"requier\" is unknown: did you mean \"require\"?"]),
        (
            "servers:\n  - sslmode: on\n",
            ["2:14: sslmode: \"on\" is unknown: write one of disable, allow, prefer, require, verify-ca, verify-full"]
        ),
        (
            "servers:\n  - libpq: {sslmod: a, x: b, password: geheim, replication: true}\n",
            [
                "2:13: libpq does not know the keyword \"sslmod\": did you mean \"sslmode\"?",
                "2:24: libpq does not know the keyword \"x\": see \"Parameter Key Words\" in PostgreSQL's manual",
                """
                2:30: a password cannot stand here: write password_file or password_command, which keep it out of this \
                file
                """,
                "2:61: replication cannot be set: pgsonde needs an ordinary session: remove it",
            ]
        ),
        (
            "servers:\n  - password_file: a\n    password_command: b\n",
            ["3:23: there is a password_file already: remove one of them"]
        ),
        (
            "servers:\n  - dsn: password=geheim\n    password_file: b\n",
            ["3:20: there is a password in dsn already: remove one of them"]
        ),
        (
            "servers:\n  - password_command: []\n",
            ["2:23: password_command is an empty list: write an item, or remove the key"]
        ),
        ("servers:\n  - pooled: yes\n", ["2:13: pooled is \"yes\": write true"]),
        ("servers:\n  - pooled: 'true'\n", ["2:13: pooled is \"true\": write true"]),
        ("servers:\n  - pooled: maybe\n", ["2:13: pooled is \"maybe\": write true or false"]),
        ("servers:\n  - connections: 3\n", ["2:18: connections is \"3\": write a whole number from 1 to 2"]),
        ("servers:\n  - connections: 2.0\n", ["2:18: connections is \"2.0\": write a whole number from 1 to 2"]),
        (
            "servers:\n  - databases: {includ: a, exclude: []}\n",
            [
                "2:17: unknown key \"includ\" in databases: did you mean \"include\"?",
                "2:37: exclude is an empty list: write an item, or remove the key",
            ]
        ),
        (
            "servers:\n  - host: a\n  - {host: b, name: 'a:5432'}\n",
            ["3:5: the server in line 2 is called \"a:5432\" too: give each its own name"]
        ),
        ("server_label: allways\n", ["1:15: server_label: \"allways\" is unknown: did you mean \"always\"?"]),
        (
            "collectors:\n  locks: on\n  wal: {evry: 1s}\n  x: []\n",
            [
                "2:10: locks is \"on\": write true",
                "3:9: unknown key \"evry\" in collector wal: did you mean \"every\"?",
                "4:6: collector x is a list where a mapping is needed: write keys and values, one a line",
            ]
        ),
        (
            "collectors: {a: {every: 15}, b: {every: fast}, c: {timeout: 1ms}, d: {every: 30d}}\n",
            [
                "1:25: every: \"15\" has no unit: write 15s for seconds",
                "1:41: every: \"fast\" is not a duration: write whole numbers with units, as in 15s, 500ms, 1m30s or 1d",
                "1:61: timeout is 1ms: write a duration from 10ms to 1h",
                "1:78: every is 30d: write a duration from 100ms to 7d",
            ]
        ),
        ("web: {listen: 9187}\n", ["1:15: listen: \"9187\" is no address to listen on: write :9187"]),
        ("web: {listen: []}\n", ["1:15: listen is an empty list: write an address like :9187, or remove the key"]),
        ("web: {listen: [':1', '*:1']}\n", ["1:22: listen: :1 is there twice: remove one of them"]),
        (
            "web: {telemetry_path: metrics}\n",
            ["1:23: telemetry_path: \"metrics\" is not a path: write one like /metrics"]
        ),
        (
            "web: {telemetry_path: /-/ready}\n",
            ["1:23: telemetry_path: /-/ready is another page: write a path like /metrics"]
        ),
        (
            "web: {telemetry_path: /status}\n",
            ["1:23: telemetry_path: /status is another page: write a path like /metrics"]
        ),
        (
            "web: {telemetry_path: /m%20x}\n",
            ["1:23: telemetry_path: \"/m%20x\" is not a path: write one like /metrics"]
        ),
        ("web: {max_connections: -1}\n", ["1:24: max_connections is \"-1\": write a whole number from 1 to 65536"]),
        ("web: {idle_timeout: 0s}\n", ["1:21: idle_timeout is 0s: write a duration from 100ms to 1h"]),
        (
            "log: {level: verbose}\n",
            ["1:14: level: \"verbose\" is unknown: write one of trace, debug, info, notice, warning, error, critical"]
        ),
        ("log: {level: wraning}\n", ["1:14: level: \"wraning\" is unknown: did you mean \"warning\"?"]),
        ("log: {format: text}\n", ["1:15: format: \"text\" is unknown: write one of logfmt, json"]),
        ("a: 1\n---\nb: 1\n", ["3:1: a second document begins: this file has one, remove the line --- before it"]),
    ]

    @Test("collectors are checked against those that there are")
    func collectors() throws {
        let known = [("locks", Cost.light), ("tables", .medium), ("sizes", .heavy)].map { name, cost in
            Definition(name, help: "H.", from: "t", columns: [], cost: cost)
        }
        let file = try read(
            """
            collectors:
              lokcs: true
              nothing: false
              locks: {timeout: 20s}
              tables: {every: 10m, expire: 5m}
              sizes: {every: 1h}
            """)
        #expect(
            told { try file.check(against: known) } == [
                "/etc/pgsonde/pgsonde.yaml:2:3: there is no collector \"lokcs\": did you mean \"locks\"?",
                "/etc/pgsonde/pgsonde.yaml:3:3: there is no collector \"nothing\": write one of locks, sizes, tables",
                "/etc/pgsonde/pgsonde.yaml:4:20: timeout is longer than every: write at most 15s, or a longer every",
                """
                /etc/pgsonde/pgsonde.yaml:5:32: expire is shorter than every, so that numbers would come and go: write at \
                least 10m
                """,
            ])
        #expect(told { try read("collectors: {locks: {every: 1s, timeout: 1s}}").check(against: known) }.isEmpty)
        #expect(told { try read("collectors: {locks: {every: scrape}}").check(against: known) }.isEmpty)
        #expect(
            told { try read("collectors: {tables: {every: scrape}}").check(against: known) } == [
                """
                /etc/pgsonde/pgsonde.yaml:1:30: tables is too dear to run at every scrape: write how often it is to run, \
                such as 1m
                """
            ])
    }

    @Test("a new interval brings timeout and expiry along")
    func timing() {
        let own = Cost.light.timing
        #expect(Configuration.CollectorOptions().timing(over: own) == own)
        #expect(
            Configuration.CollectorOptions(every: .seconds(1)).timing(over: own)
                == Timing(every: .seconds(1), timeout: .seconds(1), expire: .seconds(60)))
        #expect(
            Configuration.CollectorOptions(every: .seconds(600)).timing(over: own)
                == Timing(every: .seconds(600), timeout: .seconds(2), expire: .seconds(1_800)))
        #expect(
            Configuration.CollectorOptions(timeout: .seconds(3), expire: .seconds(90)).timing(over: own)
                == Timing(every: .seconds(15), timeout: .seconds(3), expire: .seconds(90)))
    }

    @Test("no message shows a password", arguments: mistakes)
    func secrets(_ text: String, _ expected: [String]) {
        #expect(!told { _ = try read(text) }.joined().contains("geheim"))
    }

    private func read(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile(Array(text.utf8), path: "/etc/pgsonde/pgsonde.yaml", parse: plainKeywords)
    }
}

/// What libpq does with `keyword=value`, without quotes.
@Sendable func plainKeywords(_ text: String) throws -> [String: String] {
    var keywords: [String: String] = [:]
    if text.hasPrefix("postgresql://") {
        keywords["host"] = String(text.dropFirst("postgresql://".count).prefix { $0 != "/" && $0 != "?" })
        return keywords
    }
    for word in text.split(separator: " ") {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw ValueProblem("missing \"=\"") }
        guard ConnectionKeywords.known.contains(String(parts[0])) else {
            throw ValueProblem("invalid connection option")
        }
        keywords[String(parts[0])] = parts[1] == "''" ? nil : String(parts[1])
    }
    return keywords
}
