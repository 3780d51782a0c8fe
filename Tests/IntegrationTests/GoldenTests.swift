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
                    // What a standby confirmed is known once it has answered.
                    try await eventually("the standby's lag is known") {
                        try await server.sql(
                            "SELECT count(*) FROM pg_stat_replication WHERE state <> 'streaming' OR replay_lag IS NULL")
                            == "0"
                    }
                    return try await server.once()
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
    }
}
