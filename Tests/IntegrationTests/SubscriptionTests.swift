import Foundation
import Testing

@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct SubscriptionTests {
    /// A server with a database that publishes, and two that subscribe under one name.
    static func start(_ major: Int) async throws -> PageServer {
        let fresh = try await PageServers.fresh(major, "subscription")
        let server = PageServer(
            major: fresh.major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
        try await server.sql("ALTER SYSTEM SET wal_retrieve_retry_interval = '200ms'; SELECT pg_reload_conf()")
        for database in ["source", "first", "second"] { try await server.sql("CREATE DATABASE \(database)") }
        try await server.sql(
            """
            CREATE TABLE copied (id int PRIMARY KEY);
            CREATE TABLE refused (id int PRIMARY KEY);
            INSERT INTO copied VALUES (1);
            INSERT INTO refused VALUES (1);
            CREATE PUBLICATION everything FOR TABLE copied, refused;
            CREATE PUBLICATION one FOR TABLE copied;
            SELECT pg_create_logical_replication_slot(name, 'pgoutput') FROM (VALUES ('first'), ('second')) AS slots (name);
            """, database: "source")
        for (database, publication) in [("first", "everything"), ("second", "one")] {
            try await server.sql(
                """
                CREATE TABLE copied (id int PRIMARY KEY);
                CREATE TABLE refused (id int PRIMARY KEY);
                INSERT INTO refused VALUES (1);
                CREATE SUBSCRIPTION same
                CONNECTION 'host=\(server.host) port=\(server.port) user=postgres password=postgres dbname=source'
                PUBLICATION \(publication) WITH (create_slot = false, slot_name = \(database));
                """, database: database)
        }
        return server
    }

    @Test(
        "subscriptions of one name, a copy that fails and changes that conflict are told apart",
        arguments: TestServers.all)
    func failures(_ started: TestServers.Server) async throws {
        let major = started.major
        let server = try await Self.start(major)
        try await eventually("what can be copied is copied") {
            for database in ["first", "second"] {
                let states = "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'"
                guard try await server.sql(states, database: database) == "1" else { return false }
            }
            return true
        }
        // The row is there already, so it cannot be inserted.
        try await server.sql("INSERT INTO copied VALUES (2)", database: "second")
        try await server.sql("INSERT INTO copied VALUES (2)", database: "source")
        if major >= 15 {
            try await eventually("applying has failed, and copying too") {
                try await server.sql(
                    """
                    SELECT max(apply_error_count) > 0 AND max(\(major < 19 ? "sync_error_count" : "sync_table_error_count")) > 0
                    FROM pg_stat_subscription_stats
                    """) == "t"
            }
        }
        let page = try PageText(try await server.once())
        #expect(
            page.samples("pg_subscription_enabled").map { $0.labels["datname"] }.sorted { $0 ?? "" < $1 ?? "" } == [
                "first", "second",
            ])
        #expect(page.samples("pg_subscription_enabled").allSatisfy { $0.labels["subname"] == "same" })
        let first = ["datname": "first", "subname": "same"]
        #expect(page.value("pg_subscription_apply_workers", first) == 1)
        let states = page.samples("pg_subscription_rel_relations", first)
        #expect(states.map(\.value) == [1, 1])
        #expect(Set(states.map { $0.labels["state"] }).contains("ready"))
        #expect(!Set(states.map { $0.labels["state"] }).isDisjoint(with: ["initialize", "data copy"]))
        let second = ["datname": "second", "subname": "same"]
        #expect(page.samples("pg_subscription_rel_relations", second).map { $0.labels["state"] } == ["ready"])
        guard major >= 15 else {
            #expect(page["pg_subscription_stats_apply_error_count_total"] == nil)
            return
        }
        #expect((page.value("pg_subscription_stats_sync_table_error_count_total", first) ?? 0) > 0)
        #expect(page.value("pg_subscription_stats_sync_table_error_count_total", second) == 0)
        #expect(page.value("pg_subscription_stats_apply_error_count_total", first) == 0)
        #expect((page.value("pg_subscription_stats_apply_error_count_total", second) ?? 0) > 0)
        guard major >= 18 else {
            #expect(page["pg_subscription_stats_confl_insert_exists_total"] == nil)
            return
        }
        #expect((page.value("pg_subscription_stats_confl_insert_exists_total", second) ?? 0) > 0)
        #expect(page.value("pg_subscription_stats_confl_update_missing_total", second) == 0)
    }
}
