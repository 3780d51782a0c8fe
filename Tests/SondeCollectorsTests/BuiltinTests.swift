import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("The built-in collectors")
struct BuiltinTests {
    static let all = Builtin.collectors.map(\.name)
    /// Those that ask PostgreSQL.
    static let names = Builtin.collectors.filter { $0.kind == .postgresql }.map(\.name)
    static let versions = (13...19).map { Version($0) }

    static func collector(_ name: String) throws -> any Collector {
        try #require(Builtin.collectors.first { $0.name == name })
    }

    @Test("go together: no name is theirs twice")
    func registry() throws {
        let registry = try Registry(Builtin.collectors.map { Registry.Entry($0) })
        #expect(registry.entries.count == Self.all.count)
    }

    @Test("keep every rule of names, units, help and labels", arguments: all)
    func lint(name: String) throws {
        #expect(Lint.problems(of: try Self.collector(name)) == [])
    }

    @Test("take a name of postgres_exporter's only with its type and labels", arguments: all)
    func reserved(name: String) throws {
        let collector = try Self.collector(name)
        for metric in collector.metrics {
            #expect(!metric.name.hasPrefix("pg_settings_") || metric.labels.first == "name", "\(metric.name)")
            guard let family = ReservedNames.families[metric.name] else { continue }
            let labels = Set(metric.labels + (collector.per == .database ? ["datname"] : []))
            #expect(family.type == (metric.kind == .counter ? "counter" : "gauge"), "\(metric.name)")
            #expect(family.labels == labels, "\(metric.name)")
        }
    }

    @Test("share exactly these names with postgres_exporter")
    func shared() {
        let shared = Builtin.collectors.flatMap(\.metrics).map(\.name).filter { ReservedNames.families[$0] != nil }
        #expect(shared == ["pg_database_connection_limit", "pg_database_size_bytes"])
    }

    @Test("use no label but these")
    func labels() {
        let known: Set = [
            "amname", "application_name", "auth_method", "backend_type", "backup_type", "catalog_version_no",
            "cipher", "client_addr", "cluster_name", "command", "context", "copy_type", "covered_by", "datname",
            "default_version", "external_id", "extname", "extversion", "funcname", "holder", "indexrelname",
            "invalidation_reason", "locktype", "method", "mode", "name", "numa_node", "object", "operation",
            "pg_control_version", "phase", "plugin", "proargtypes", "pubname", "query_text", "queryid", "relkind",
            "relname",
            "relpersistence", "rolname", "schemaname", "sender_host", "sender_port", "server_encoding",
            "setting", "slot_name", "slot_type", "slotsync_skip_reason", "sourcefile", "spcname", "started_by",
            "state", "status", "subname", "sync_state", "system_identifier", "target", "toplevel", "usage_count",
            "usename",
            "version", "wait_event",
            "wait_event_type", "wal_level", "wal_status",
        ]
        let collectors = Builtin.collectors.filter { $0.kind == .postgresql }
        let used = Set(collectors.flatMap(\.metrics).flatMap(\.labels))
        #expect(used.subtracting(known) == [])
    }

    @Test("emit what they declare, on every version, as a primary and as a standby", arguments: all, versions)
    func contract(name: String, version: Version) throws {
        guard let definition = try Self.collector(name) as? Definition else { return }
        for isInRecovery in [false, true] {
            let facts = Facts(version: version, isInRecovery: isInRecovery).fulfilling(definition)
            guard !definition.plan(for: facts, without: []).steps.isEmpty else { continue }
            #expect(Contract.problems(of: definition, on: facts) == [])
        }
    }

    @Test("are heavy where they open one relation after the other, and never light where they run in every database")
    func costs() {
        let definitions = Builtin.collectors.compactMap { $0 as? Definition }
        #expect(definitions.filter { $0.each && $0.cost != .heavy }.map(\.name) == [])
        #expect(definitions.filter { $0.per == .database && $0.cost == .light }.map(\.name) == [])
    }

    @Test("run once per server where any session sees all of it")
    func scopes() {
        let shared = [
            "pg_stat_activity", "pg_stat_replication", "pg_stat_database", "pg_replication_slots", "pg_stat_io",
        ]
        let definitions = Builtin.collectors.compactMap { $0 as? Definition }.filter { $0.per == .database }
        #expect(definitions.contains { $0.name == "table" })
        for definition in definitions {
            let source = definition.from.text(for: Version(serverNumber: 180_000)) ?? ""
            #expect(!shared.contains { source.hasPrefix($0) }, "\(definition.name)")
        }
    }
}
