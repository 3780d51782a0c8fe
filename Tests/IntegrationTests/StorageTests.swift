import Foundation
import Testing

extension PageServerTests {
    struct StorageTests {
        @Test("temporary files that are open now are shown once, in their tablespace", arguments: PageServers.all)
        func temporaryFiles(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            let spill = """
                SET work_mem = '64kB';
                BEGIN;
                DECLARE c CURSOR FOR SELECT i FROM generate_series(1, 200000) AS i ORDER BY i DESC;
                FETCH 1 FROM c;
                SELECT pg_sleep(600);
                """
            try await PageSessions.with([PageSessions.Script(sql: spill)], on: server) {
                try await eventually("it has spilled") {
                    try await server.sql("SELECT sum(size) > 1000000 FROM pg_ls_tmpdir()") == "t"
                }
                // Once it sleeps, its files do not change.
                try await eventually("it sleeps") {
                    try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "0"
                }
                let truth = try await server.sql(
                    "SELECT count(*), sum(size), extract(epoch FROM min(modification)) FROM pg_ls_tmpdir()"
                ).split(separator: "|").compactMap { Double($0) }
                let page = try PageText(try await server.once())
                let families = ["files", "bytes", "oldest_timestamp_seconds"].map { page.samples("pg_tmpdir_\($0)") }
                #expect(families.map { $0.map(\.value) } == truth.map { [$0] })
                #expect(families.allSatisfy { $0.allSatisfy { $0.labels == ["spcname": "pg_default"] } })
            }
        }

        @Test("the buffer cache is shown where its extension is, and wanted", arguments: PageServers.all)
        func bufferCache(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_buffercache'"
            guard major >= 16, !isStandby, try await server.sql(available) == "1" else { return }
            try await server.sql(
                """
                CREATE SCHEMA "odd one";
                GRANT USAGE ON SCHEMA "odd one" TO monitor;
                CREATE EXTENSION pg_buffercache SCHEMA "odd one";
                """)
            let page = try await Self.page(
                of: server, as: "monitor",
                "collectors: {buffercache: {enabled: true}, buffercache_usage: {enabled: true}}\n")
            try await server.sql("DROP EXTENSION pg_buffercache; DROP SCHEMA \"odd one\"")
            let all = Double(try await server.sql("SELECT setting FROM pg_settings WHERE name = 'shared_buffers'"))
            let used = page.value("pg_buffercache_buffers_used")
            #expect((used ?? 0) + (page.value("pg_buffercache_buffers_unused") ?? 0) == all)
            #expect((used ?? 0) > 100)
            #expect((page.value("pg_buffercache_buffers_dirty") ?? .infinity) <= used ?? 0)
            #expect((0...5).contains(page.value("pg_buffercache_usagecount_avg") ?? .nan))
            let counts = page.samples("pg_buffercache_usage_buffers")
            #expect(counts.map { $0.labels["usage_count"] } == ["0", "1", "2", "3", "4", "5"])
            #expect(counts.map(\.value).reduce(0, +) == all)
        }

        @Test("what pg_monitor may not read is shown to who may", arguments: PageServers.all)
        func privileged(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            let page = try await Self.page(of: server, as: "postgres", "")
            let origins = try await server.sql(
                """
                SELECT external_id, remote_lsn - '0/0' FROM pg_replication_origin_status WHERE remote_lsn IS NOT NULL
                """
            ).split(separator: "\n").map(String.init).sorted()
            #expect(isStandby || origins.count == 1)
            let shown = page.samples("pg_replication_origin_remote_lsn_bytes")
            #expect(shown.map { "\($0.labels["external_id"] ?? "?")|\($0.text)" }.sorted() == origins)
            let allocated = try await server.sql("SELECT count(*), sum(allocated_size) FROM pg_shmem_allocations")
            let sizes = page.samples("pg_shared_memory_allocated_bytes")
            #expect("\(sizes.count)|\(Int(sizes.map(\.value).reduce(0, +)))" == allocated)

            let mine = try PageText(try await server.once())
            let state = mine.samples("pgsonde_collector_state", ["collector": "replication_origin"])
            #expect(state.map { $0.labels["state"] } == ["unavailable"])
            #expect(mine["pg_replication_origin_remote_lsn_bytes"] == nil)
            #expect((mine["pg_shared_memory_allocated_bytes"] != nil) == (major >= 15))
        }

        /// The page of one round, of a role and with more configuration.
        private static func page(of server: PageServer, as role: String, _ more: String) async throws -> PageText {
            let dsn = "host=\(server.host) port=\(server.port) user=\(role) password=\(role) dbname=postgres"
            let result = try await DaemonProgram.run(
                ["once", "--config.file={folder}/pgsonde.yaml"],
                files: ["pgsonde.yaml": "servers:\n  - {name: main, dsn: \"\(dsn)\"}\n\(more)"])
            try #require(result.code == 0, "\(result.error)")
            return try PageText(result.output)
        }
    }
}
