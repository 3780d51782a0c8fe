import Foundation
import Testing

extension FaultServersTests {
    @Test("the files of the log are shown once the server collects its log, and nothing is asked before")
    func logDirectory() async throws {
        try await FaultServer.with { fault in
            let keywords =
                "host=\(fault.server.host) port=\(fault.server.port) user=monitor password=monitor dbname=postgres"
            let page = {
                let result = try await DaemonProgram.run(["once"], environment: ["DATA_SOURCE_NAME": keywords])
                return try PageText(result.output)
            }
            let before = try await page()
            #expect(before.value("pgsonde_collector_success", ["collector": "log_directory"]) == 1)
            #expect(!before.families.contains { $0.name.hasPrefix("pg_log_directory_") })
            #expect(fault.errors().isEmpty)

            try await fault.halt()
            try fault.configure(["logging_collector = on"])
            try await fault.resume()
            let after = try await page()
            let truth = try await fault.sql(
                "SELECT count(*), sum(size), extract(epoch FROM max(modification)) FROM pg_ls_logdir()"
            ).split(separator: "|").compactMap { Double($0) }
            #expect(truth.count == 3)
            #expect(after.value("pg_log_directory_files") == truth[0])
            // What is logged in between is there in the later answer.
            #expect((1...truth[1]).contains(after.value("pg_log_directory_bytes") ?? .nan))
            #expect(
                (truth[2] - 60...truth[2]).contains(after.value("pg_log_directory_newest_timestamp_seconds") ?? .nan))
        }
    }
}
