import Foundation
import Testing

@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct ArchiveTests {
    @Test("an archive that has never worked is seen to be one, and to have recovered", arguments: TestServers.all)
    func never(_ started: TestServers.Server) async throws {
        let fresh = try await PageServers.fresh(started.major, "archive")
        let server = PageServer(
            major: fresh.major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
        try await server.sql("ALTER SYSTEM SET archive_command = 'false'; SELECT pg_reload_conf()")
        try await server.sql("SELECT pg_stat_reset_shared('archiver')")
        try await server.sql("CREATE TABLE item (id int); SELECT pg_switch_wal()")
        try await eventually("archiving has failed") {
            try await server.sql("SELECT failed_count > 0 AND archived_count = 0 FROM pg_stat_archiver") == "t"
        }
        var page = try PageText(try await server.once())
        #expect(page.value("pg_archiver_enabled") == 1)
        #expect(page.value("pg_archiver_failing") == 1)
        #expect(page["pg_archiver_last_archived_timestamp_seconds"] == nil)
        #expect(page.value("pg_archiver_archived_count_total") == 0)
        let waiting = try await server.sql("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%ready'")
        #expect(page.value("pg_archive_status_ready_files") == Double(waiting))
        #expect((page.value("pg_archive_status_ready_bytes") ?? 0) >= 16_777_216)
        #expect(page.value("pg_archive_status_oldest_ready_timestamp_seconds") != nil)
        // Without a base backup there is none, rather than one in 1970.
        #expect(page["pg_backup_last_finish_timestamp_seconds"] == nil)

        try await server.sql("ALTER SYSTEM SET archive_command = 'true'; SELECT pg_reload_conf()")
        // After three failures the archiver sleeps for up to a minute, unless another file wakes it.
        try await server.sql("CREATE TABLE another (id int); SELECT pg_switch_wal()")
        try await eventually("all is archived") {
            try await server.sql("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%ready'") == "0"
        }
        // Until 14 the view learns of it later than the directory.
        try await eventually("the server's view says so") {
            try await server.sql("SELECT last_archived_time > last_failed_time FROM pg_stat_archiver") == "t"
        }
        page = try PageText(try await server.once())
        #expect(page.value("pg_archiver_failing") == 0)
        #expect(page["pg_archiver_last_archived_timestamp_seconds"] != nil)
        #expect(page.value("pg_archive_status_ready_files") == 0)
        #expect(page["pg_archive_status_oldest_ready_timestamp_seconds"] == nil)

        // A command of nothing archives nothing.
        try await server.sql("ALTER SYSTEM SET archive_command = ''; SELECT pg_reload_conf()")
        page = try PageText(try await server.once())
        #expect(page.value("pg_archiver_enabled") == 0)
    }
}
