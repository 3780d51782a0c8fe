import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

@Suite("Name sets")
struct CatalogueTests {
    private static func catalogue(
        _ names: NameSet, _ collectors: [String: Bool] = [:], change: (inout Configuration) -> Void = { _ in }
    ) throws -> (Catalogue, Configuration, Registry) {
        var configuration = Configuration()
        configuration.names = names
        for (name, isEnabled) in collectors { configuration.collectors[name] = .init(enabled: isEnabled) }
        change(&configuration)
        let catalogue = Catalogue(Builtin.collectors, configuration)
        return (catalogue, configuration, try Registry(catalogue.entries))
    }

    /// The families that would be shown.
    private static func shown(
        _ names: NameSet, _ collectors: [String: Bool] = [:], change: (inout Configuration) -> Void = { _ in }
    ) throws -> Set<String> {
        let (catalogue, configuration, registry) = try catalogue(names, collectors, change: change)
        let options = catalogue.options(configuration, others: [])
        let running = registry.entries.map(\.collector).filter { options[$0.name]?.enabled ?? $0.enabled }
        return Set(running.flatMap { $0.metrics.map(\.name) + $0.prefixes })
    }

    @Test("by default there are the canonical names, and no others")
    func canonical() throws {
        let (catalogue, configuration, registry) = try Self.catalogue(.pgsonde)
        #expect(registry.entries.map(\.collector.name) == Builtin.collectors.map(\.name))
        #expect(!catalogue.secondSet(registry, configuration).isShown)
    }

    @Test("a set alone leaves the other's names out, but not a program's own collectors")
    func alone() throws {
        var configuration = Configuration()
        configuration.names = .postgresExporter
        let own = Definition("shop", help: "h", from: "t", columns: [.gauge("x", "1", help: "X.")])
        let catalogue = Catalogue(Builtin.collectors + [own], configuration)
        let names = catalogue.entries.map(\.collector).filter { $0.kind == .postgresql }.map(\.name)
        #expect(names.first == "shop")
        #expect(names.dropFirst().allSatisfy { $0.hasPrefix("postgres_exporter_") })
        // The second set has nothing of PgBouncer, so that what there is stays.
        #expect(catalogue.entries.contains { $0.collector.kind == .pgbouncer })
    }

    @Test("what both sets have is there once, and by the canonical collector where the other is off")
    func common() throws {
        let both = try Self.shown(.both)
        #expect(both.contains("pg_database_size_bytes") && both.contains("pg_database_xact_commit_total"))
        let (catalogue, _, registry) = try Self.catalogue(.both)
        #expect(!registry.entries.contains { $0.collector.name == "database_size" })
        #expect(catalogue.names["database_size"] != nil)
        let (_, _, other) = try Self.catalogue(.both, ["postgres_exporter_database": false])
        #expect(other.entries.contains { $0.collector.name == "database_size" })
    }

    @Test(
        "a name switches the collector of each set in force that has it",
        arguments: [
            (NameSet.both, ["locks": false], [], ["pg_locks_count", "pg_locks_granted"]),
            (.both, ["postgres_exporter_locks": false], ["pg_locks_granted"], ["pg_locks_count"]),
            (.both, ["locks": false, "postgres_exporter_locks": true], ["pg_locks_count"], ["pg_locks_granted"]),
            (.both, ["database_size": false], ["pg_database_xact_commit_total"], ["pg_database_size_bytes"]),
            (
                .both, ["replication_slots": false], ["pg_replication_slot_active"],
                ["pg_replication_slots_active", "pg_replication_slots_wal_status"]
            ),
            (
                .both, ["replication_slots": false, "postgres_exporter_replication_slots_status": true],
                ["pg_replication_slots_wal_status"], ["pg_replication_slots_active"]
            ),
            (
                .both, ["replication_slot": false], [],
                ["pg_replication_slot_active", "pg_replication_slots_active"]
            ),
            (
                .postgresExporter, ["replication_slot": false, "replication_slots": true],
                ["pg_replication_slots_active"], []
            ),
            (.postgresExporter, ["replication_slot": false], ["pg_static"], ["pg_replication_slots_active"]),
            (.postgresExporter, ["locks": false], ["pg_up_", "pg_settings_"], ["pg_locks_count"]),
            (.postgresExporter, ["stat_statements": true], ["pg_stat_statements_calls_total"], []),
            (.postgresExporter, [:], ["pg_static"], ["pg_stat_statements_calls_total"]),
            (.pgsonde, ["locks": false], ["pg_wal_records_total"], ["pg_locks_granted", "pg_locks_count"]),
        ] as [(NameSet, [String: Bool], [String], [String])])
    func names(names: NameSet, collectors: [String: Bool], there: [String], gone: [String]) throws {
        let shown = try Self.shown(names, collectors)
        for name in there where name != "pg_up_" { #expect(shown.contains(name), "\(name)") }
        for name in gone { #expect(!shown.contains(name), "\(name)") }
    }

    @Test(
        "a name's interval is not that of a dear part of it, unless that is longer or the part is named",
        arguments: [
            ("database", 5, 600, 600), ("database", 3600, 3600, 600), ("database_size", 30, 30, 600),
            ("postgres_exporter_database_size", 30, 30, 600), ("stat_user_tables", 15, 600, 600),
            ("postgres_exporter_stat_user_tables", 15, 600, 600),
            ("postgres_exporter_stat_user_tables_size", 15, 600, 15),
        ])
    func intervals(name: String, every: Int, sizes: Int, tableSizes: Int) throws {
        let (catalogue, configuration, _) = try Self.catalogue(.both) {
            $0.collectors[name] = .init(every: .seconds(every))
        }
        let options = catalogue.options(configuration, others: [])
        for (part, expected) in [("database_size", sizes), ("stat_user_tables_size", tableSizes)] {
            let name = "postgres_exporter_\(part)"
            let collector = try #require(catalogue.entries.first { $0.collector.name == name }).collector
            let timing = options[name]?.timing(over: collector.timing) ?? collector.timing
            #expect(timing.every == .seconds(expected), "\(name)")
        }
    }

    @Test("flags of postgres_exporter leave out what they leave out there")
    func foreign() throws {
        let without = try Self.shown(.postgresExporter) {
            $0.foreign.lacksDefaults = true
            $0.foreign.lacksSettings = true
        }
        for name in ["pg_static", "pg_stat_database_conflicts_confl_lock", "pg_settings_"] {
            #expect(!without.contains(name))
        }
        #expect(without.contains("pg_stat_database_numbackends"))
        let (catalogue, configuration, _) = try Self.catalogue(.both) { $0.foreign.timeout = .seconds(1) }
        let options = catalogue.options(configuration, others: [])
        #expect(options["postgres_exporter_locks"]?.timeout == .seconds(1))
        #expect(options["postgres_exporter_database_size"]?.timeout == .seconds(1))
        #expect(options["locks"] == nil)
    }

    @Test("tables are those of one database, unless databases are to be found")
    func home() throws {
        let (catalogue, configuration, registry) = try Self.catalogue(.both)
        let set = catalogue.secondSet(registry, configuration)
        let names = Set(set.homeOnly.map { registry.entries[$0].collector.name })
        #expect(
            names == [
                "postgres_exporter_stat_user_tables", "postgres_exporter_stat_user_tables_size",
                "postgres_exporter_statio_user_tables",
            ])
        let labelled = Set(set.labelled.map { registry.entries[$0].collector.name })
        #expect(labelled == ["postgres_exporter_static", "postgres_exporter_stat_database_conflicts"])
        #expect(set.members.count == 26)
        let (other, all, found) = try Self.catalogue(.both) { $0.foreign.discoversDatabases = true }
        #expect(other.secondSet(found, all).homeOnly.isEmpty)
    }

    @Test("the databases that its flags name are visited, where it is to find some")
    func discover() {
        var configuration = Configuration()
        configuration.names = .postgresExporter
        configuration.servers = [Configuration.Server(name: "a")]
        configuration.foreign.excludedDatabases = ["x"]
        configuration.foreign.includedDatabases = ["y"]
        let before = configuration.servers
        configuration.discover()
        #expect(configuration.servers == before)
        configuration.foreign.discoversDatabases = true
        configuration.discover()
        #expect(configuration.servers[0].databases == ["y"] && configuration.servers[0].excludeDatabases == ["x"])
    }
}
