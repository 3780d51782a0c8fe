import Sonde
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("Configuration of a PgBouncer")
struct ConfigServerKindTests {
    private func servers(_ text: String, _ environment: [String: String] = [:]) throws -> [Configuration.Server] {
        let file = try ConfigurationFile(
            Array("servers:\n  - \(text)".utf8), path: "/a.yaml", environment: environment, parse: plainKeywords)
        return file.configuration.servers
    }

    @Test(
        "has the database and, unless something else is said, the port of its own",
        arguments: [
            ("{kind: pgbouncer}", [:], "localhost:6432", "6432"),
            ("{kind: pgbouncer, host: p, port: 1}", [:], "p:1", "1"),
            ("{kind: pgbouncer, dsn: host=p dbname=pgbouncer}", [:], "p:6432", "6432"),
            ("{kind: pgbouncer, host: p}", ["PGPORT": "7"], "p:7", nil),
            ("{kind: pgbouncer, name: x, libpq: {service: s}}", [:], "x", nil),
        ] as [(String, [String: String], String, String?)])
    func defaults(text: String, environment: [String: String], name: String, port: String?) throws {
        let server = try #require(try servers(text, environment).first)
        #expect(server.kind == .pgbouncer && !server.hasSessions)
        #expect(server.name == name)
        #expect(server.keywords["dbname"] == "pgbouncer")
        #expect(server.keywords["port"] == port)
    }

    @Test("is PostgreSQL unless it says otherwise")
    func postgresql() throws {
        let found = try servers("{kind: postgresql, host: p}\n  - {host: q}")
        #expect(found.map(\.kind) == [.postgresql, .postgresql])
        #expect(found.allSatisfy { $0.hasSessions && $0.keywords["port"] == nil && $0.keywords["dbname"] == nil })
    }

    @Test(
        "each mistake is told with its place",
        arguments: [
            ("{kind: pgpool}", "2:12: kind: \"pgpool\" is unknown: write one of postgresql, pgbouncer"),
            (
                "{kind: pgbouncer, pooled: true}",
                "2:31: pooled is for PostgreSQL servers behind a PgBouncer: remove it"
            ),
            (
                "{kind: pgbouncer, databases: {include: a}}",
                "2:34: databases is for PostgreSQL servers behind a PgBouncer: remove it"
            ),
            (
                "{kind: pgbouncer, dbname: app}",
                "2:31: dbname is \"app\", but PgBouncer's console is the database pgbouncer: remove it"
            ),
            (
                "{kind: pgbouncer, dsn: dbname=app}",
                "2:28: dbname is \"app\", but PgBouncer's console is the database pgbouncer: remove it"
            ),
        ])
    func mistakes(text: String, expected: String) {
        #expect(told { _ = try servers(text) } == ["/a.yaml:\(expected)"])
    }
}
