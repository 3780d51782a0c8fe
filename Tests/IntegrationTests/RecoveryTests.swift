import Foundation
import Testing

@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct RecoveryTests {
    /// A configuration in which everything that depends on the role is asked for often.
    private static func configuration(_ server: PageServer) -> String {
        let collectors = ["server", "wal_receiver", "recovery", "recovery_prefetch", "wal_directory", "replication"]
        return "servers:\n  - {name: main, dsn: \"\(server.keywords)\"}\ncollectors:\n"
            + collectors.map { "  \($0): {every: 1s, timeout: 1s}\n" }.joined()
    }

    @Test("a standby tells idle from broken and paused, and its promotion is no error", arguments: TestServers.all)
    func standby(_ started: TestServers.Server) async throws {
        let fresh = try await PageServers.fresh(started.major, "recovery", ["--standby"])
        let end = try #require(fresh.standby)
        let primary = PageServer(
            major: fresh.major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
        let standby = PageServer(major: fresh.major, isStandby: true, host: end.host, port: end.port, log: end.log)
        try await primary.sql("CREATE TABLE item (id int)")
        try await withDaemon(Self.configuration(standby)) { daemon in
            // An idle primary: what was replayed gets older, and nothing is amiss.
            try await eventually("the standby is idle") {
                try await standby.sql(
                    """
                    SELECT clock_timestamp() - pg_last_xact_replay_timestamp() > interval '3 s'
                    AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
                    """) == "t"
            }
            var page = try await daemon.page("the standby's own view is there") {
                $0.value("pg_recovery_replay_age_seconds") == 0 && $0.value("pg_wal_receiver_active") == 1
            }
            #expect(page.value("pg_recovery_replay_lag_bytes") == 0)
            #expect(page.value("pg_recovery_paused") == 0)
            #expect(page.samples("pg_wal_receiver_info").map { $0.labels["status"] } == ["streaming"])
            #expect((page["pg_recovery_prefetch_hit_total"] != nil) == (started.major >= 15))

            // Paused, it receives and does not replay.
            try await standby.sql("SELECT pg_wal_replay_pause()")
            try await primary.sql("INSERT INTO item SELECT generate_series(1, 1000)")
            page = try await daemon.page("the age grows while replay stands still") {
                ($0.value("pg_recovery_replay_age_seconds") ?? 0) > 3
                    && ($0.value("pg_recovery_replay_lag_bytes") ?? 0) > 50_000
            }
            #expect(page.value("pg_recovery_paused") == 1)
            #expect(page.value("pg_wal_receiver_active") == 1)
            try await standby.sql("SELECT pg_wal_replay_resume()")
            try await daemon.page("it has caught up") {
                $0.value("pg_recovery_replay_age_seconds") == 0 && $0.value("pg_recovery_paused") == 0
            }

            // Without a stream everything received may be replayed, and still it is behind.
            try await standby.sql("ALTER SYSTEM SET primary_conninfo = ''; SELECT pg_reload_conf()")
            page = try await daemon.page("the broken stream shows") {
                $0.value("pg_wal_receiver_active") == 0 && ($0.value("pg_recovery_replay_age_seconds") ?? 0) > 0
            }
            #expect(page.value("pg_recovery_replay_lag_bytes") == 0)
            #expect(page["pg_wal_receiver_last_msg_receipt_timestamp_seconds"] == nil)

            try await standby.sql("SELECT pg_promote()")
            page = try await daemon.page("what is for standbys is not asked for") { page in
                ["wal_receiver", "recovery"].allSatisfy { collector in
                    page.samples("pgsonde_collector_state", ["collector": collector]).map { $0.labels["state"] }
                        == ["skipped_role"]
                }
            }
            #expect(page.value("pg_server_in_recovery") == 0)
            let left = page.families.filter {
                ($0.name.hasPrefix("pg_recovery_") || $0.name.hasPrefix("pg_wal_receiver_")) && !$0.samples.isEmpty
            }
            #expect(left.map(\.name) == [])
            #expect(page.samples("pgsonde_collector_state").allSatisfy { $0.labels["state"] != "failed" })
            #expect(try await daemon.terminate().code == 0)
        }
        let log = try String(contentsOfFile: standby.log, encoding: .utf8).split(separator: "\n")
        let errors = log.filter { $0.contains("user=monitor") && $0.contains(#/ (WARNING|ERROR|FATAL|PANIC): /#) }
        #expect(errors == [])
    }
}
