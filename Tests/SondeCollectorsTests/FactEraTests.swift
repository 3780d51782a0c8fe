import Sonde
import SondeCollectors
import Testing

@Suite("The columns of facts by version")
struct FactEraTests {
    static let eras = [
        EraTests.Era(definition: .controlCheckpoint, column: "redo_lsn_bytes", since: 13),
        EraTests.Era(definition: .controlCheckpoint, column: "logical_decoding", since: 19),
        EraTests.Era(definition: .connectionSlots, column: "used", since: 13),
        EraTests.Era(definition: .connectionSlots, column: "reserved", since: 16),
        EraTests.Era(definition: .databaseConflicts, column: "snapshot_total", since: 13),
        EraTests.Era(definition: .databaseConflicts, column: "active_logicalslot_total", since: 16),
        EraTests.Era(definition: .databaseConflicts, column: "stats_reset_timestamp_seconds", since: 19),
        EraTests.Era(definition: .databaseCollation, column: "version_mismatch", since: 15),
        EraTests.Era(definition: .multixact, column: "members", since: 19),
        EraTests.Era(definition: .multixactFiles, column: "members", since: 13, until: 18),
        EraTests.Era(definition: .gssapi, column: "encrypted_sessions", since: 13),
        EraTests.Era(definition: .gssapi, column: "delegated_sessions", since: 16),
        EraTests.Era(definition: .blocking, column: "sessions", since: 13),
        EraTests.Era(definition: .blocking, column: "longest_wait_seconds", since: 14),
        EraTests.Era(definition: .lockWaits, column: "waits_total", since: 19),
        EraTests.Era(definition: .identMappings, column: "errors", since: 15),
    ]

    @Test("a column is read from the versions that have it, and from no other", arguments: eras)
    func era(era: EraTests.Era) {
        for major in 13...19 {
            let isThere = EraTests.columns(era.definition, major).contains(era.column)
            #expect(isThere == (era.since...era.until).contains(major), "\(major)")
        }
    }

    @Test("blocking asks for no wait's beginning where there is none, and for the blockers of few")
    func blocking() {
        for major in 13...19 {
            let plan = Definition.blocking.plan(for: Facts(version: Version(major)), without: [])
            let statement = plan.steps.map(\.sql).joined()
            #expect(statement.contains("waitstart") == (major >= 14), "\(major)")
            #expect(statement.contains("LIMIT 50"))
        }
    }
}
