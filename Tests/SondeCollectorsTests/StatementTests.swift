import Sonde
import SondeCollectors
import Testing

@Suite("The assembled statements")
struct StatementTests {
    static func statements(_ name: String, _ version: Version, isInRecovery: Bool = false) throws -> [String] {
        let collector = try BuiltinTests.collector(name)
        let facts = Facts(version: version, isInRecovery: isInRecovery).fulfilling(collector)
        return collector.plan(for: facts, without: []).steps.map(\.sql)
    }

    /// The first majors of views that are newer than 13.
    static let since: [String: Version] = [
        "aio": 18, "autovacuum_score": 19, "database_collation": 15, "dsm_registry": 19, "ident_file_mappings": 15,
        "io": 16, "lock": 19,
        "logical_decoding": 14, "multixact": 19, "progress_copy": 14, "recovery_prefetch": 15, "shared_memory_numa": 18,
        "subscription_stats": 15,
        "wal": 14, "wal_summarizer": 17,
    ]

    /// The last version of what is not there until the last.
    static let until: [String: Version] = [
        "multixact_files": 18
    ]

    @Test("are there for every version that has their source", arguments: BuiltinTests.names, BuiltinTests.versions)
    func exist(name: String, version: Version) throws {
        let isStandbyOnly = (try BuiltinTests.collector(name) as? Definition)?.on == .standby
        let isThere = try !Self.statements(name, version, isInRecovery: isStandbyOnly).isEmpty
        #expect(isThere == ((Self.since[name] ?? 13)...(Self.until[name] ?? 19)).contains(version))
    }

    @Test("want no GRANT and no extension where a version has no use for it", arguments: BuiltinTests.names)
    func versionFirst(name: String) throws {
        let collector = try BuiltinTests.collector(name)
        let isInRecovery = (collector as? Definition)?.on == .standby
        for version in BuiltinTests.versions
        where try Self.statements(name, version, isInRecovery: isInRecovery).isEmpty {
            let facts = Facts(version: version, isInRecovery: isInRecovery, roles: [])
            #expect(collector.plan(for: facts, without: []) == .skip(.version))
        }
    }

    @Test("are the same on a standby, which answers all of them, and more", arguments: BuiltinTests.names)
    func standby(name: String) throws {
        let role = (try BuiltinTests.collector(name) as? Definition)?.on
        guard role != .standby else { return }
        // Of all, a standby refuses one only.
        #expect((role == .primary) == (name == "multixact"))
        for version in BuiltinTests.versions {
            let statements = try Self.statements(name, version, isInRecovery: true)
            #expect(try statements == (role == .primary ? [] : Self.statements(name, version)))
        }
    }

    @Test("ask about recovery where they call what fails in it, or out of it", arguments: BuiltinTests.names)
    func guards(name: String) throws {
        let guarded = [
            "pg_current_wal", "pg_walfile_name", "pg_is_wal_replay_paused", "pg_last_wal", "pg_last_xact_replay",
            "pg_get_wal_replay_pause_state",
        ]
        let isStandbyOnly = (try BuiltinTests.collector(name) as? Definition)?.on == .standby
        for statement in try Self.statements(name, 18, isInRecovery: isStandbyOnly)
        where guarded.contains(where: statement.contains) {
            #expect(statement.contains("pg_is_in_recovery()"))
        }
    }

    @Test("name their columns, and neither processes nor identifiers of objects", arguments: BuiltinTests.names)
    func columns(name: String) throws {
        for version in BuiltinTests.versions {
            for statement in try Self.statements(name, version) {
                #expect(!statement.contains("SELECT *") && !statement.contains(".*"))
                #expect(!statement.contains("AS \"pid\"") && !statement.contains("AS \"datid\""))
            }
        }
    }

    @Test(
        "of sizes open no relation outside of the block that no lock holds up",
        arguments: ["table_size", "index_size", "partitioned_table_size", "index_redundant"])
    func sizes(name: String) throws {
        let statements = try Self.statements(name, 18).filter { $0.contains("_size(") }
        let running = statements.filter { !$0.hasPrefix("EXPLAIN SELECT") }
        #expect(running.count == 1)
        #expect(running.allSatisfy { $0.hasPrefix("DO ") && $0.contains("lock_timeout") })
    }
}
