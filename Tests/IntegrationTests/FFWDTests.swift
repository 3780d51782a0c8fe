import Foundation
import Testing

@Suite("FFWD", .enabled(if: TestServers.isAvailable))
struct FFWDTests {
    private struct Message: Decodable {
        let type: String
        let key: String
        let value: Double
        let time: Double
        let host: String
        let attributes: [String: String]

        var what: String { attributes["what"] ?? "" }
    }

    @Test("what postgresql-metrics sends arrives as JSON, with the numbers of the server, and no rate is negative")
    func arrives() async throws {
        // One of its own, since its statistics are reset.
        let fresh = try await PageServers.fresh(try #require(TestServers.all.last).major, "ffwd")
        let server = PageServer(
            major: fresh.major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
        try await server.sql(
            """
            CREATE SCHEMA app;
            CREATE TABLE app.item (id int PRIMARY KEY) WITH (autovacuum_enabled = false);
            INSERT INTO app.item SELECT generate_series(1, 1000);
            SELECT count(*) FROM app.item WHERE id = 77;
            """)
        try await server.sql("VACUUM app.item")
        let port = try DatagramPort()
        let configuration = """
            servers: [{name: main, dsn: "\(server.keywords)"}]
            collectors:
              database: {every: 500ms}
              table: {every: 1s}
              database_size: {every: 2s}
            outputs: {ffwd: {port: \(port.port), key: pg}}
            """
        var messages: [Message] = []
        let started = Date().timeIntervalSince1970
        try await withDaemon(configuration) { daemon in
            let whats = [
                "transaction-rate", "transaction-rollbacks", "database-size", "last-vacuum", "index-hit",
                "client-connections", "locks_granted", "locks_waiting", "blocks-read-from-disk",
                "blocks-read-from-buffer", "wal-file-amount", "mxid-remaining", "xid-remaining",
                "sec-since-oldest-xact-start",
            ]
            func take() throws {
                for datagram in port.take() {
                    messages.append(try JSONDecoder().decode(Message.self, from: Data(datagram)))
                }
            }
            try await eventually("every metric has come") {
                try take()
                return Set(messages.map(\.what)).isSuperset(of: whats)
            }
            // Whatever is counted falls.
            try await server.sql("SELECT pg_stat_reset()")
            let count = messages.filter { $0.what == "transaction-rate" }.count
            try await eventually("rates have come again and again") {
                try take()
                return messages.filter { $0.what == "transaction-rate" }.count > count + 20
            }
            let page = try await daemon.page()
            #expect((page.value("pgsonde_output_datagrams_total", ["output": "ffwd"]) ?? 0) >= Double(messages.count))
            #expect(page.value("pgsonde_output_failures_total", ["output": "ffwd"]) == 0)
            #expect(page.value("pgsonde_output_dropped_runs_total", ["output": "ffwd"]) == 0)
            let end = try await daemon.terminate()
            #expect(end.code == 0)
        }
        #expect(messages.allSatisfy { $0.type == "metric" && $0.key == "pg" && !$0.host.isEmpty && $0.value >= 0 })
        #expect(messages.allSatisfy { $0.time / 1_000 > started - 60 && $0.attributes["unit"] != nil })
        let size = Double(try await server.sql("SELECT pg_database_size('postgres')")) ?? 0
        let sizes = messages.filter { $0.what == "database-size" && $0.attributes["database"] == "postgres" }
        #expect(!sizes.isEmpty && sizes.allSatisfy { abs($0.value - size) < size / 10 && $0.attributes["unit"] == "B" })
        let vacuumed = messages.filter { $0.what == "last-vacuum" && $0.attributes["table"] == "item" }
        #expect(vacuumed.allSatisfy { $0.attributes["schema"] == "app" && $0.value < 86_400 } && !vacuumed.isEmpty)
        let locks = messages.filter { $0.what == "locks_granted" && $0.attributes["locktype"] == "total" }
        #expect(!locks.isEmpty && locks.allSatisfy { $0.value >= 1 })
    }
}
