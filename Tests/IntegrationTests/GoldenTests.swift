import Foundation
import Testing

/// Tests on the ``PageServers``, one after the other: each wants to be the only one that changes anything there.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
enum PageServerTests {}

extension PageServerTests {
    struct GoldenTests {
        @Test("the families of a page are those of the golden file", arguments: PageServers.all)
        func golden(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            let page =
                isStandby
                ? try await server.once()
                : try await server.withWork(isWriting: true) {
                    try await Self.withLag(on: server) { try await server.once() }
                }
            #expect(try await PageCheck.findings(page) == "")
            let text = try GoldenPage.text(of: try PageText(page), title: server.testDescription)
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Golden/\(major)\(isStandby ? "-standby" : "").txt")
            if ProcessInfo.processInfo.environment["PGSONDE_UPDATE_GOLDEN"] == "1" {
                try Data(text.utf8).write(to: file)
                return
            }
            let golden = String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
            let difference = GoldenPage.difference(from: golden, to: text)
            #expect(
                difference.isEmpty,
                "\(file.lastPathComponent) and the page differ:\n\(difference)\nif that is meant: PGSONDE_UPDATE_GOLDEN=1"
            )
        }

        /// Runs `body` while the server's standby, if it has one, has confirmed something, but not all: only then are its lags there.
        private static func withLag(on server: PageServer, _ body: () async throws -> String) async throws -> String {
            guard PageServers.all.contains(where: { $0 == (server.major, true) }) else {
                // There is a subscription, whose lag is known while it has something to confirm.
                var page = ""
                try await eventually("the subscription's lag is known") {
                    try await server.sql("SELECT pg_logical_emit_message(true, 'lag', 'known')", database: "shop")
                    page = try await body()
                    return ["write", "flush", "replay"].allSatisfy {
                        page.contains("\npg_replication_\($0)_lag_seconds{")
                    }
                }
                return page
            }
            let standby = try await PageServers.shared.server(server.major, isStandby: true)
            // What is known of the lag goes once the standby has caught up, so it is not allowed to.
            try await eventually("the standby's lag is known") {
                try await standby.sql("SELECT pg_wal_replay_resume(), pg_sleep(0.3), pg_wal_replay_pause()")
                return try await server.sql(
                    """
                    SELECT bool_and(write_lag + flush_lag + replay_lag IS NOT NULL) FROM pg_stat_replication
                    WHERE application_name = 'standby1'
                    """) == "t"
            }
            do {
                let page = try await body()
                try await standby.sql("SELECT pg_wal_replay_resume()")
                return page
            } catch {
                try await standby.sql("SELECT pg_wal_replay_resume()")
                throw error
            }
        }
    }
}
