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

        /// Runs `body` while the server's standby, or else its subscription, has confirmed something, but not all: only then
        /// are its lags there.
        private static func withLag(on server: PageServer, _ body: () async throws -> String) async throws -> String {
            guard PageServers.all.contains(where: { $0 == (server.major, true) }) else {
                return try await withLagOfSubscription(on: server, body)
            }
            let standby = try await PageServers.shared.server(server.major, isStandby: true)
            // What is known of the lag goes once the standby has caught up, so it is not allowed to.
            try await eventually("the standby's lag is known") {
                try await standby.sql("SELECT pg_wal_replay_resume(), pg_sleep(0.3), pg_wal_replay_pause()")
                return try await isLagKnown(of: "standby1", on: server)
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

        /// Holds the subscription at a change that waits for a lock, so that it confirms nothing more.
        private static func withLagOfSubscription(
            on server: PageServer, _ body: () async throws -> String
        ) async throws -> String {
            let change = "UPDATE app.item SET name = name WHERE id = (SELECT min(id) FROM app.item)"
            let lock = "BEGIN; LOCK TABLE app.item IN EXCLUSIVE MODE; SELECT pg_sleep(600)"
            let locks = "SELECT count(*) FROM pg_locks WHERE relation = 'app.item'::regclass AND"
            // The server does not notice that a client is gone while it sleeps for it.
            let release = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'"
            var page: String?
            try await eventually("the subscription's lag is known") {
                try await server.sql(release)
                try await server.sql(change, database: "shop")
                try await DaemonProgram.withFolder { folder in
                    let holder = try DaemonProgram(
                        ["-Xqc", lock],
                        environment: server.environment("branch").merging(["PGAPPNAME": "holder"]) { $1 }, in: folder,
                        program: try #require(TestServers.shared).tools.psql)
                    try await eventually("the lock is held", within: .seconds(5)) {
                        try await server.sql("\(locks) mode = 'ExclusiveLock' AND granted", database: "branch") == "1"
                    }
                    try await server.sql(change, database: "shop")
                    try await eventually("the subscription waits for the lock", within: .seconds(5)) {
                        try await server.sql("\(locks) NOT granted", database: "branch") == "1"
                    }
                    if try await isLagKnown(of: "branch", on: server) { page = try await body() }
                    await holder.stop()
                }
                return page != nil
            }
            try await server.sql(release)
            return try #require(page)
        }

        private static func isLagKnown(of name: String, on server: PageServer) async throws -> Bool {
            try await server.sql(
                """
                SELECT bool_and(write_lag + flush_lag + replay_lag IS NOT NULL) FROM pg_stat_replication
                WHERE application_name = '\(name)'
                """) == "t"
        }
    }
}
