import Foundation
import QueueCollectors
import Sonde
import SondeTesting
import Testing

/// Runs where PGHOST and libpq's other variables lead to a server that has `schema.sql`.
@Suite("On a server", .enabled(if: ProcessInfo.processInfo.environment["PGHOST"] != nil))
struct LiveTests {
    @Test("the table becomes metrics, poll after poll")
    func queue() async throws {
        let rehearsal = try await LiveRehearsal(Definition.queue, on: "connect_timeout=5")
        let outcomes = [try await rehearsal.run(), try await rehearsal.run()]
        #expect(Contract.problems(of: Definition.queue, in: outcomes) == [])
        #expect(outcomes[0].page.contains("\npg_app_queue_waiting{datname=\"postgres\",queue=\"mail\"} 2\n"))
        #expect(outcomes[0].page.contains("\npg_app_queue_retries_total{datname=\"postgres\",queue=\"mail\"} 3\n"))
    }

    @Test("the reader compares polls of a real server")
    func stalls() async throws {
        let rehearsal = try await LiveRehearsal(Stalls(), on: "connect_timeout=5")
        #expect(try await rehearsal.run().page == "")
        #expect(try await rehearsal.run().page.hasSuffix("\npg_app_stalls_stalled 1\n"))
    }

    @Test("what the server refuses is told with its place")
    func refusal() async throws {
        let wrong = Definition(
            "app_wrong", help: "Wrong (app.jobs)", from: "app.jobs",
            columns: [.gauge("sum", "sum(nowhere)", help: "Wrong (app.jobs.nowhere)")])
        let rehearsal = try await LiveRehearsal(wrong, on: "connect_timeout=5")
        await #expect {
            _ = try await rehearsal.run()
        } throws: { error in
            "\(error)".contains("\"nowhere\" does not exist") && "\(error)".hasSuffix("(in sum)")
        }
        await #expect(throws: LiveRehearsal.Failure.self) { try await LiveRehearsal(wrong, on: "port=x") }
    }
}
