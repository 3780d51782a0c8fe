import Sonde
import SondeCollectors
import Testing

/// Runs every statement, as a member of pg_monitor, or as the superuser where that is not enough, by psql; how they fare in a pipeline is for the integration tests.
@Suite("On real servers", .enabled(if: Servers.shared != nil))
struct ServerTests {
    /// The types that can be read as numbers; by `each` they come as text.
    static let types: Set = [
        "bigint", "integer", "smallint", "double precision", "real", "numeric", "boolean", "interval", "pg_lsn",
        "timestamp with time zone",
    ]

    @Test(
        "every statement is answered, with columns of the right types and no row twice",
        arguments: Servers.shared?.servers ?? [])
    func statements(server: Servers.Server) throws {
        let ends = [(server.host, server.port, false)] + (server.standby.map { [($0.host, $0.port, true)] } ?? [])
        for (host, port, isInRecovery) in ends {
            let monitor = Session(host: host, port: port, psql: Servers.shared?.tools.psql ?? "psql")
            var superuser = monitor
            superuser.user = "postgres"
            let databases = try monitor.rows(
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate", in: "postgres"
            ).map { $0[0] }
            let extensions = try monitor.rows(
                """
                SELECT e.extname, e.extversion, n.nspname FROM pg_extension AS e
                JOIN pg_namespace AS n ON n.oid = e.extnamespace
                """, in: "postgres")
            for collector in Builtin.collectors where collector.kind == .postgresql {
                var facts = Facts(version: Version(server.major), isInRecovery: isInRecovery)
                    .fulfilling(collector)
                facts.extensions = extensions.reduce(into: [:]) { found, row in
                    found[row[0]] = Facts.Extension(version: Version(row[1]) ?? 0, schema: row[2])
                }
                let plan = collector.plan(for: facts, without: [])
                // What must be granted beyond pg_monitor.
                let session = collector.questions.privileges.isEmpty ? monitor : superuser
                guard let last = plan.steps.last else { continue }
                for database in collector.per == .database ? databases : ["postgres"] {
                    let before = plan.steps.dropLast().map {
                        $0.sql.hasPrefix("DO ") ? $0.sql + ";\n" : $0.sql + " \\g /dev/null\n"
                    }
                    let types = try session.rows(before.joined() + last.sql + "\n\\gdesc\n", in: database)
                    let rows = try session.rows(before.joined() + last.sql + ";", in: database)
                    guard let definition = collector as? Definition else { continue }
                    check(definition, types: types, rows: rows)
                }
            }
        }
    }

    @Test(
        "what opens relations keeps few locks at a time, however many there are",
        arguments: Servers.shared?.servers ?? [])
    func locks(server: Servers.Server) throws {
        var superuser = Session(host: server.host, port: server.port, psql: Servers.shared?.tools.psql ?? "psql")
        superuser.user = "postgres"
        superuser.isReadOnly = false
        _ = try superuser.rows("CREATE DATABASE locks;", in: "postgres")
        defer { _ = try? superuser.rows("DROP DATABASE locks;", in: "postgres") }
        _ = try superuser.rows(
            "DO $$ BEGIN FOR i IN 1..1200 LOOP EXECUTE format('CREATE SEQUENCE public.s%s', i); END LOOP; END $$;",
            in: "locks"
        )
        let facts = Facts(version: Version(server.major))
        for definition in Builtin.collectors.compactMap({ $0 as? Definition })
        where definition.each && definition.enabled {
            guard case .pages(_, let first, let page) = definition.plan(for: facts.fulfilling(definition)) else {
                continue
            }
            let before = first.map { $0.sql + " \\g /dev/null\n" }.joined()
            let rows = try superuser.rows(
                before + "BEGIN;\n" + page[0].sql
                    + ";\nSELECT 'held', count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND NOT fastpath;",
                in: "locks")
            let held = try #require(rows.last { $0.first == "held" }.flatMap { Int($0[1]) })
            #expect(held < 600, "\(definition.name) keeps \(held) locks")
        }
    }

    private func check(_ definition: Definition, types: [[String]], rows: [[String]]) {
        let metrics = definition.columns.filter { $0.kind.isMetric }
        for metric in metrics where !definition.each {
            guard let type = types.first(where: { $0[0] == metric.name })?[1] else { continue }
            #expect(Self.types.contains(type), "\(definition.name).\(metric.name) is \(type)")
            #expect(
                (metric.unit == .timestamp) == type.hasPrefix("timestamp"),
                "\(definition.name).\(metric.name) is \(type)")
        }
        let labels = Set(definition.columns.filter { $0.kind == .label }.map(\.name))
        let places = types.indices.filter { labels.contains(types[$0][0]) }
        let keys = rows.map { row in places.map { row[$0] } }
        #expect(Set(keys).count == rows.count, "\(definition.name) has rows with equal labels")
    }
}
