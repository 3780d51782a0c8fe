import Foundation
import QueueCollectors
import SondeTesting
import Testing

@Test("each line is a batch; one that cannot be read costs only itself, and no file the run")
func lastRun() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("last_run-\(UUID().uuidString)")
    try Data("nightly 1764061200\nweekly soon\n".utf8).write(to: file)
    var rehearsal = LocalRehearsal(LastRun(path: file.path))
    let outcome = try await rehearsal.run()
    #expect(outcome.page.hasSuffix("\npg_app_last_run_timestamp_seconds{batch=\"nightly\"} 1764061200\n"))
    #expect(outcome.counts.unreadable == 1)
    try Data("nightly 1764061200\n".utf8).write(to: file)
    #expect(Lint.problems(of: LastRun()) == [])
    #expect(await Contract.problems(of: LastRun(path: file.path)) == [])
    try FileManager.default.removeItem(at: file)
    await #expect(throws: (any Error).self) { try await rehearsal.run() }
}
