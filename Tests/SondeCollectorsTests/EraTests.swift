import Sonde
import SondeCollectors
import Testing

@Suite("The columns by version")
struct EraTests {
    /// A column and the first and last major that has it.
    struct Era: CustomTestStringConvertible, Sendable {
        let definition: Definition
        let column: String
        let since: Int
        var until = 19

        var testDescription: String { "\(definition.name).\(column)" }
    }

    static let eras = [
        Era(definition: .database, column: "xact_commit_total", since: 13),
        Era(definition: .database, column: "session_time_seconds_total", since: 14),
        Era(definition: .database, column: "parallel_workers_launched_total", since: 18),
        Era(definition: .locks, column: "longest_wait_seconds", since: 14),
        Era(definition: .backgroundWriter, column: "buffers_clean_total", since: 13),
        Era(definition: .backgroundWriter, column: "buffers_backend_total", since: 13, until: 16),
        Era(definition: .backgroundWriter, column: "buffers_backend_fsync_total", since: 13, until: 16),
        Era(definition: .checkpointer, column: "num_timed_total", since: 13),
        Era(definition: .checkpointer, column: "num_requested_total", since: 13),
        Era(definition: .checkpointer, column: "write_time_seconds_total", since: 13),
        Era(definition: .checkpointer, column: "sync_time_seconds_total", since: 13),
        Era(definition: .checkpointer, column: "buffers_written_total", since: 13),
        Era(definition: .checkpointer, column: "restartpoints_done_total", since: 17),
        Era(definition: .checkpointer, column: "num_done_total", since: 18),
        Era(definition: .wal, column: "bytes_total", since: 14),
        Era(definition: .wal, column: "write_total", since: 14),
        Era(definition: .wal, column: "sync_time_seconds_total", since: 14),
        Era(definition: .wal, column: "fpi_bytes_total", since: 19),
        Era(definition: .io, column: "read_bytes_total", since: 16),
        Era(definition: .io, column: "extend_bytes_total", since: 16),
        Era(definition: .asynchronousIO, column: "handles", since: 18),
        Era(definition: .sharedMemoryNUMA, column: "size_bytes", since: 18),
        Era(definition: .logicalDecoding, column: "mem_exceeded_count_total", since: 19),
        Era(definition: .subscription, column: "parallel_apply_workers", since: 16),
        Era(definition: .subscription, column: "received_lsn_bytes", since: 13),
        Era(definition: .subscriptionStats, column: "sync_table_error_count_total", since: 15),
        Era(definition: .subscriptionStats, column: "confl_update_missing_total", since: 18),
        Era(definition: .subscriptionStats, column: "confl_update_deleted_total", since: 19),
        Era(definition: .recovery, column: "paused", since: 13),
        Era(definition: .recovery, column: "promote_triggered", since: 19),
        Era(definition: .backup, column: "exclusive_in_progress", since: 13, until: 14),
        Era(definition: .progressVacuum, column: "num_dead_tuples", since: 13, until: 16),
        Era(definition: .progressVacuum, column: "dead_tuple_bytes", since: 17),
        Era(definition: .progressVacuum, column: "delay_seconds", since: 18),
        Era(definition: .progressCluster, column: "heap_tuples_written", since: 13),
        Era(definition: .progressCluster, column: "heap_tuples_updated", since: 19),
        Era(definition: .replicationSlot, column: "safe_wal_size_bytes", since: 13),
        Era(definition: .replicationSlot, column: "conflicting", since: 16),
        Era(definition: .replicationSlot, column: "inactive_since_timestamp_seconds", since: 17),
        Era(definition: .replicationSlot, column: "two_phase_at_bytes", since: 18),
        Era(definition: .table, column: "last_seq_scan_timestamp_seconds", since: 16),
        Era(definition: .table, column: "vacuum_time_seconds_total", since: 18),
        Era(definition: .table, column: "stats_reset_timestamp_seconds", since: 19),
        Era(definition: .index, column: "last_idx_scan_timestamp_seconds", since: 16),
        Era(definition: .tableCatalog, column: "vacuum_threshold", since: 13),
        Era(definition: .tableCatalog, column: "relallfrozen", since: 18),
        Era(definition: .foreignKey, column: "unenforced_constraints", since: 18),
        Era(definition: .sequence, column: "blks_read_total", since: 13),
        Era(definition: .sequence, column: "stats_reset_timestamp_seconds", since: 19),
        Era(definition: .function, column: "stats_reset_timestamp_seconds", since: 19),
        Era(definition: .autovacuumScore, column: "score", since: 19),
    ]

    /// The columns that a definition reads from a server, without labels.
    static func columns(_ definition: Definition, _ major: Int) -> Set<String> {
        let plan = definition.plan(
            for: Facts(version: Version(major), isInRecovery: definition.on == .standby).fulfilling(definition),
            without: [])
        let labels = Set(definition.columns.filter { $0.kind == .label }.map(\.name) + ["from", "pgsonde_since"])
        return Set(plan.steps.flatMap(\.spans).map(\.column)).subtracting(labels)
    }

    @Test("a column is read from the versions that have it, and from no other", arguments: eras)
    func era(era: Era) {
        for major in 13...19 {
            let isThere = Self.columns(era.definition, major).contains(era.column)
            #expect(isThere == (era.since...era.until).contains(major), "\(major)")
        }
    }

    @Test("checkpoints keep every name when their columns move from pg_stat_bgwriter")
    func checkpoints() {
        let before = Self.columns(.checkpointer, 16)
        #expect(before.count == 6)
        #expect(before.isSubset(of: Self.columns(.checkpointer, 17)))
        let statements = [16, 17].map {
            Definition.checkpointer.plan(for: Facts(version: Version($0)), without: []).steps[0].sql
        }
        #expect(statements[0].contains("pg_stat_bgwriter") && !statements[0].contains("pg_stat_checkpointer"))
        #expect(statements[1].contains("pg_stat_checkpointer") && !statements[1].contains("pg_stat_bgwriter"))
    }

    @Test("WAL keeps every name when its columns move to pg_stat_io")
    func wal() {
        #expect(Definition.wal.plan(for: Facts(version: 13), without: []) == .skip(.version))
        #expect(Self.columns(.wal, 14) == Self.columns(.wal, 17))
        #expect(Self.columns(.wal, 17) == Self.columns(.wal, 18))
    }

    @Test("a column that an era of the statistics has lost is not asked for in the next")
    func moved() throws {
        let statement = { (definition: Definition, version: Version) in
            definition.plan(for: Facts(version: version).fulfilling(definition), without: []).steps[0].sql
        }
        #expect(statement(.io, 17).contains("op_bytes") && !statement(.io, 18).contains("op_bytes"))
        #expect(statement(.progressCluster, 18).contains("pg_stat_progress_cluster"))
        #expect(!statement(.progressCluster, 19).contains("pg_stat_progress_cluster"))
        #expect(statement(.subscriptionStats, 18).contains("s.sync_error_count"))
        #expect(!statement(.subscriptionStats, 19).contains("s.sync_error_count"))
    }

    @Test("a version that is not known yet is read like the newest", arguments: BuiltinTests.names)
    func newer(name: String) throws {
        let collector = try BuiltinTests.collector(name)
        let newest = collector.plan(for: Facts(version: 19).fulfilling(collector), without: [])
        #expect(collector.plan(for: Facts(version: 25).fulfilling(collector), without: []) == newest)
    }

    @Test("every column exists in some version", arguments: BuiltinTests.names)
    func everyColumn(name: String) throws {
        guard let definition = try BuiltinTests.collector(name) as? Definition, !definition.each else { return }
        let read = (13...19).reduce(into: Set<String>()) { $0.formUnion(Self.columns(definition, $1)) }
        let declared = Set(definition.columns.filter { $0.kind != .label }.map(\.name))
        #expect(read == declared)
    }
}
