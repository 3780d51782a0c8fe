import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("The name set of postgres_exporter")
struct PostgresExporterTests {
    /// Alone, beside the canonical set, and with all that its flags can add.
    static let sets = [PostgresExporter(), PostgresExporter(beside), PostgresExporter(full)]
    private static var beside: PostgresExporter.Options {
        var options = PostgresExporter.Options()
        options.isBeside = true
        return options
    }
    private static var full: PostgresExporter.Options {
        var options = PostgresExporter.Options()
        options.excludedDatabases = ["it's", "two"]
        options.statements.includesQuery = true
        options.statements.excludedUsers = ["o'brien"]
        options.statements.excludedDatabases = ["x"]
        return options
    }
    static let definitions = sets.flatMap(\.members).flatMap(\.parts).compactMap { $0 as? Definition }
    static let versions = (13...19).map { Version($0) }

    @Test("has the collectors of postgres_exporter, and the same of them on")
    func members() {
        for set in Self.sets {
            let members = set.members.filter(\.hasFlag)
            let off = members.filter { !$0.parts.contains(where: \.enabled) }.map(\.name)
            #expect(
                members.map(\.name).sorted() == [
                    "buffercache_summary", "database", "database_wraparound", "locks", "long_running_transactions",
                    "postmaster", "process_idle", "replication", "replication_slots", "roles", "settings",
                    "stat_activity", "stat_activity_autovacuum", "stat_archiver", "stat_bgwriter",
                    "stat_checkpointer", "stat_database", "stat_progress_vacuum", "stat_replication",
                    "stat_statements", "stat_user_tables", "stat_wal_receiver", "statio_user_indexes",
                    "statio_user_tables", "wal", "xlog_location",
                ])
            #expect(
                off.sorted() == [
                    "buffercache_summary", "database_wraparound", "long_running_transactions", "postmaster",
                    "process_idle", "stat_activity_autovacuum", "stat_checkpointer", "stat_statements",
                    "stat_wal_receiver", "statio_user_indexes", "xlog_location",
                ])
            #expect(set.members.allSatisfy { Set($0.parts.map(\.enabled)).count == 1 })
        }
    }

    @Test("has its families, each with its type and labels", arguments: sets.indices)
    func families(index: Int) {
        var found: [String: (type: String, labels: Set<String>)] = [:]
        for member in Self.sets[index].members {
            for part in member.parts {
                let more = (part.per == .database ? ["datname"] : []) + (member.hasFlag ? [] : ["server"])
                for metric in part.metrics { found[metric.name] = (metric.kind.type, Set(metric.labels + more)) }
            }
        }
        for (name, family) in ReservedNames.families where !Self.elsewhere(name) {
            if name == "pg_stat_statements_query_id", index < 2 { continue }
            #expect(found[name]?.type == family.type, "\(name)")
            #expect(found[name]?.labels == family.labels, "\(name)")
            found[name] = nil
        }
        // A column that 19 adds to a view of which it shows every column.
        #expect(found.keys.sorted() == ["pg_stat_database_conflicts_stats_reset"])
    }

    /// Whether a family is no collector's, or of servers before 10.
    private static func elsewhere(_ name: String) -> Bool {
        ["pg_up", "pg_exporter_", "pg_scrape_", "postgres_exporter_"].contains(where: name.hasPrefix)
            || name.contains("xlog_location_diff")
    }

    @Test("goes together with the canonical set, but for what the two have in common")
    func registry() throws {
        for set in Self.sets { _ = try Registry(set.members.flatMap(\.parts).map { Registry.Entry($0) }) }
        let names = Set(Self.definitions.flatMap(\.metrics).map(\.name))
        let rest = Builtin.collectors.compactMap { ($0 as? Definition).map { $0.without(names) } ?? $0 }
        let all = rest + Self.sets[1].members.flatMap(\.parts)
        #expect(throws: Never.self) { try Registry(all.map { Registry.Entry($0) }) }
    }

    @Test("emits what it declares, on every version, as a primary and as a standby", arguments: versions)
    func contract(version: Version) throws {
        for definition in Self.definitions where definition.name != "postgres_exporter_xlog_location" {
            for isInRecovery in [false, true] {
                var facts = Facts(version: version, isInRecovery: isInRecovery)
                if case .extension(let name) = definition.axis {
                    facts.extensions[name] = .init(version: "1.12", schema: "public")
                }
                guard !definition.plan(for: facts, without: []).steps.isEmpty else { continue }
                // What is always 1 is so for NULLs too.
                let problems = Contract.problems(of: definition, on: facts).filter { !$0.hasPrefix("NULL gives") }
                #expect(problems == [], "\(definition.name)")
            }
        }
    }

    @Test(
        "asks in the words of the canonical collectors, so that a view can be read once for both",
        arguments: [
            ("stat_database", "database"), ("database", "database"), ("database_wraparound", "wraparound"),
            ("stat_bgwriter", "bgwriter"), ("stat_checkpointer", "checkpointer"), ("stat_archiver", "archiver"),
            ("replication", "wal_position"), ("postmaster", "server"), ("static", "server"),
            ("replication_slots", "replication_slot"), ("stat_user_tables", "table"),
            ("statio_user_tables", "table"), ("stat_user_tables_size", "table_size"),
            ("wal", "wal_directory"), ("buffercache_summary", "buffercache"), ("stat_wal_receiver", "wal_receiver"),
        ])
    func sharesSource(theirs: String, ours: String) throws {
        let parts = PostgresExporter(Self.beside).members.flatMap(\.parts).compactMap { $0 as? Definition }
        let part = try #require(parts.first { $0.name == "postgres_exporter_\(theirs)" })
        let own = try #require(Builtin.collectors.compactMap { $0 as? Definition }.first { $0.name == ours })
        for version in Self.versions where part.from.text(for: version) != nil {
            #expect(part.from.text(for: version) == own.from.text(for: version))
        }
        #expect(part.per == own.per && part.cost == own.cost && part.each == own.each && part.group == own.group)
    }

    @Test(
        "shows settings in families of their own, with base units in their names",
        arguments: [
            (["work_mem", "4096", "kB", "integer"], "pg_settings_work_mem_bytes", "4194304"),
            (["shared_buffers", "16384", "8kB", "integer"], "pg_settings_shared_buffers_bytes", "134217728"),
            (
                ["auto_explain.log_min_duration", "-1", "ms", "integer"],
                "pg_settings_auto_explain_log_min_duration_seconds", "-1"
            ),
            (["wal_writer_delay", "200", "ms", "integer"], "pg_settings_wal_writer_delay_seconds", "0.2"),
            (["log_rotation_age", "1440", "min", "integer"], "pg_settings_log_rotation_age_seconds", "86400"),
            (["log_file_mode", "0600", nil, "integer"], "pg_settings_log_file_mode", "600"),
            (["seq_page_cost", "1.5", nil, "real"], "pg_settings_seq_page_cost", "1.5"),
            (["my-ext.on", "on", nil, "bool"], "pg_settings_my_ext_on", "1"),
            (["autovacuum", "off", nil, "bool"], "pg_settings_autovacuum", "0"),
        ] as [([String?], String, String)])
    func settings(row: [String?], family: String, value: String) throws {
        let columns = ["name", "setting", "unit", "vartype"].map { Rows.Column($0) }
        var samples = Samples(metrics: [])
        var reader = PostgresExporterSettings().makeReader(for: Cost.medium.timing)
        try reader.read(Rows(columns: columns, texts: [row, row]), of: 0, into: &samples)
        #expect(samples.metrics.map(\.name) == [family])
        #expect(samples.string(of: 0) == "\(family) \(value)\n")
        #expect(samples.counts.duplicates == 1)
    }

    @Test("leaves a setting out that is no number, or in a unit that is not known")
    func badSettings() throws {
        let columns = ["name", "setting", "unit", "vartype"].map { Rows.Column($0) }
        var samples = Samples(metrics: [])
        var reader = PostgresExporterSettings().makeReader(for: Cost.medium.timing)
        let rows = [["a", "x", nil, "real"], ["b", "1", "parsec", "integer"]]
        try reader.read(Rows(columns: columns, texts: rows), of: 0, into: &samples)
        #expect(samples.counts.unreadable == 2 && samples.counts.series == 0)
    }
}
