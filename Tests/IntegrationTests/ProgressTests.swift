import Foundation
import Testing

extension PageServerTests {
    struct ProgressTests {
        /// A kind of progress, and SQL of the superuser that says what must be shown.
        struct Kind {
            let name: String
            let labels: [String]
            /// Labels, then each family's end with its expression.
            let keys: String
            let values: [(family: String, sql: String)]
            var since = 13
            var until = 18
            var view: String { "pg_stat_progress_\(name)" }
        }

        static let kinds = [
            Kind(
                name: "vacuum", labels: ["datname", "schemaname", "relname", "phase"],
                keys: "datname, 'app', 'vacuumed', phase",
                values: [
                    ("backends", "1"), ("heap_bytes", "heap_blks_total * 8192"),
                    ("heap_scanned_bytes", "heap_blks_scanned * 8192"),
                    ("heap_vacuumed_bytes", "heap_blks_vacuumed * 8192"),
                    ("index_vacuum_rounds", "index_vacuum_count"),
                ]),
            // Until 16 numbers of rows, since 17 bytes: never one under the name of the other.
            Kind(
                name: "vacuum", labels: ["relname"], keys: "'vacuumed'",
                values: [("max_dead_tuples", "max_dead_tuples"), ("num_dead_tuples", "num_dead_tuples")], until: 16),
            Kind(
                name: "vacuum", labels: ["relname"], keys: "'vacuumed'",
                values: [
                    ("max_dead_tuple_bytes", "max_dead_tuple_bytes"), ("dead_tuple_bytes", "dead_tuple_bytes"),
                    ("num_dead_item_ids", "num_dead_item_ids"), ("indexes", "indexes_total"),
                    ("indexes_processed", "indexes_processed"),
                ], since: 17),
            Kind(
                name: "vacuum", labels: ["relname"], keys: "'vacuumed'",
                values: [("delay_seconds", "delay_time / 1000")], since: 18),
            Kind(
                name: "analyze", labels: ["datname", "schemaname", "relname", "phase"],
                keys: "datname, 'app', 'analyzed', phase",
                values: [
                    ("backends", "1"), ("sample_bytes", "sample_blks_total * 8192"),
                    ("sample_scanned_bytes", "sample_blks_scanned * 8192"), ("ext_stats", "ext_stats_total"),
                    ("ext_stats_computed", "ext_stats_computed"), ("child_tables", "child_tables_total"),
                    ("child_tables_done", "child_tables_done"),
                ]),
            Kind(
                name: "create_index",
                labels: ["datname", "schemaname", "relname", "indexrelname", "command", "phase"],
                keys: "datname, 'app', 'indexed', 'indexed_slowly', command, phase",
                values: [
                    ("backends", "1"), ("bytes", "blocks_total * 8192"), ("done_bytes", "blocks_done * 8192"),
                    ("tuples", "tuples_total"), ("tuples_done", "tuples_done"), ("lockers", "lockers_total"),
                    ("lockers_done", "lockers_done"), ("partitions", "partitions_total"),
                    ("partitions_done", "partitions_done"),
                ]),
            Kind(
                name: "cluster", labels: ["datname", "schemaname", "relname", "command", "phase"],
                keys: "datname, 'app', 'rewritten', command, phase",
                values: [
                    ("backends", "1"), ("heap_bytes", "heap_blks_total * 8192"),
                    ("heap_scanned_bytes", "heap_blks_scanned * 8192"), ("heap_tuples_scanned", "heap_tuples_scanned"),
                    ("heap_tuples_written", "heap_tuples_written"), ("indexes_rebuilt", "index_rebuild_count"),
                ]),
            Kind(
                name: "copy", labels: ["datname", "schemaname", "relname", "command", "copy_type"],
                keys: "datname, 'app', 'copied', command, type",
                values: [
                    ("backends", "1"), ("bytes", "bytes_total"), ("processed_bytes", "bytes_processed"),
                    ("tuples_processed", "tuples_processed"), ("tuples_excluded", "tuples_excluded"),
                ], since: 14),
            Kind(
                name: "basebackup", labels: ["phase"], keys: "phase",
                values: [
                    ("backends", "1"), ("bytes", "backup_total"), ("streamed_bytes", "backup_streamed"),
                    ("tablespaces", "tablespaces_total"), ("tablespaces_streamed", "tablespaces_streamed"),
                ]),
        ]

        @Test("what is under way is shown as far as it is, under the names of its table", arguments: TestServers.all)
        func progress(_ started: TestServers.Server) async throws {
            let major = started.major
            let fresh = try await PageServers.fresh(major, "progress")
            let server = PageServer(
                major: major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
            try await Self.fill(server)
            try await PageSessions.with(Self.scripts(major), on: server) {
                try await eventually("all of it is under way") {
                    for kind in Self.kinds where (kind.since...kind.until).contains(major) {
                        guard try await server.sql("SELECT count(*) FROM \(kind.view)") == "1" else { return false }
                    }
                    return true
                }
                let before = try await Self.ask(server)
                let page = try PageText(try await server.once())
                let after = try await Self.ask(server)
                var checked = 0
                for (family, low) in before {
                    let high = try #require(after[family])
                    let found = page.samples("pg_progress_\(family)")
                    // A phase may end meanwhile.
                    guard low.keys == high.keys else { continue }
                    #expect(found.count == 1, "\(family): \(found)")
                    let labels = Self.kinds.first { family.hasPrefix($0.name) && $0.labels.count == low.keys.count }?
                        .labels
                    let keys = try #require(labels).map { found.first?.labels[$0] ?? "?" }
                    #expect(keys == low.keys, "\(family)")
                    guard let low = low.value, let high = high.value else {
                        #expect(found.isEmpty, "\(family)")
                        continue
                    }
                    let value = found.first?.value ?? .nan
                    // Seconds are divided twice: by the server here, and in decimal by us.
                    let slack = max(abs(low), abs(high)) * 1e-12
                    let span = min(low, high) - slack...max(low, high) + slack
                    #expect(span.contains(value), "\(family): \(low), \(value), \(high)")
                    checked += 1
                }
                #expect(checked > 25, "only \(checked) were checked")
                for sample in page.families.filter({ $0.name.hasSuffix("_oldest_seconds") }).flatMap(\.samples)
                where sample.name.hasPrefix("pg_progress_") {
                    #expect((0...120).contains(sample.value), "\(sample)")
                }
                #expect(page["pg_progress_vacuum_max_dead_tuple_bytes"] == nil || major >= 17)
                #expect(page["pg_progress_vacuum_max_dead_tuples"] == nil || major < 17)
            }
        }

        /// The families' labels and values, as the superuser sees them.
        private static func ask(_ server: PageServer) async throws -> [String: (keys: [String], value: Double?)] {
            var answers: [String: (keys: [String], value: Double?)] = [:]
            for kind in kinds where (kind.since...kind.until).contains(server.major) {
                let columns = ([kind.keys] + kind.values.map(\.sql)).joined(separator: ", ")
                let cells = try await server.sql("SELECT \(columns) FROM \(kind.view)")
                    .split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                for (index, (family, _)) in kind.values.enumerated() where cells.count > kind.labels.count {
                    answers["\(kind.name)_\(family)"] = (
                        Array(cells.prefix(kind.labels.count)), Double(cells[kind.labels.count + index])
                    )
                }
            }
            return answers
        }

        private static func fill(_ server: PageServer) async throws {
            try await server.sql("CREATE DATABASE shop")
            try await server.sql(
                """
                CREATE SCHEMA app;
                CREATE FUNCTION app.slowly(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_sleep(0.02); RETURN $1; END';
                CREATE TABLE app.vacuumed AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 5000) AS i;
                CREATE INDEX ON app.vacuumed (i);
                DELETE FROM app.vacuumed WHERE i % 3 = 0;
                CREATE TABLE app.analyzed AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 5000) AS i;
                CREATE TABLE app.indexed AS SELECT i FROM generate_series(1, 5000) AS i;
                CREATE TABLE app.rewritten (i int);
                CREATE INDEX ON app.rewritten (app.slowly(i));
                INSERT INTO app.rewritten SELECT i FROM generate_series(1, 20) AS i;
                CREATE TABLE app.copied (i int CHECK (app.slowly(i) > 0));
                SELECT format('COPY (SELECT generate_series(1, 5000)) TO %L', current_setting('data_directory') || '/copied')
                \\gexec
                """, database: "shop")
            // What is not indexed yet is what takes its time.
            try await server.sql(
                """
                CREATE OR REPLACE FUNCTION app.slowly(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_sleep(2); RETURN $1; END';
                """, database: "shop")
        }

        private static func scripts(_ major: Int) -> [PageSessions.Script] {
            let backup =
                major < 15
                ? "BASE_BACKUP LABEL 'progress' PROGRESS FAST NOWAIT MAX_RATE 32"
                : "BASE_BACKUP (LABEL 'progress', PROGRESS, CHECKPOINT 'fast', WAIT false, MAX_RATE 32)"
            let delay = """
                SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1; SET vacuum_cost_page_hit = 10;
                \(major < 18 ? "" : "SET track_cost_delay_timing = on;")
                """
            return [
                "\(delay) VACUUM app.vacuumed", "\(delay) ANALYZE app.analyzed",
                "CREATE INDEX CONCURRENTLY indexed_slowly ON app.indexed (app.slowly(i))",
                "VACUUM FULL app.rewritten",
                """
                SELECT format('COPY app.copied FROM %L WHERE i > 1', current_setting('data_directory') || '/copied')
                \\gexec
                """,
            ].map { PageSessions.Script(sql: $0 + ($0.hasSuffix("gexec") ? "\n" : ";\n"), database: "shop") }
                + [PageSessions.Script(sql: backup + ";\n", isReplication: true)]
        }
    }
}
