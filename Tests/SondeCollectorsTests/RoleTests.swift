import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("Roles")
struct RoleTests {
    private static func run(_ count: Int) throws -> Rehearsal.Outcome {
        var rehearsal = Rehearsal(try BuiltinTests.collector("role"))
        let columns = ["rolname", "connection_limit", "connections", "valid_until_timestamp_seconds"]
        let rows = (0..<count).map { ["r\($0)", "-1", "\($0)", "1.5"] as [String?] }
        return try rehearsal.run([Canned(columns.map { Rows.Column($0) }, rows: rows)])
    }

    @Test("are all shown up to the limit, and nothing is told of more")
    func few() throws {
        let outcome = try Self.run(500)
        #expect(outcome.counts.series == 1_500 && outcome.counts.truncated == 0)
    }

    @Test("of which there are more than are read are told to be cut")
    func many() throws {
        let outcome = try Self.run(501)
        #expect(outcome.counts.truncated == 1 && outcome.counts.series == 1_500)
        #expect(outcome.page.contains("rolname=\"r500\"") && !outcome.page.contains("rolname=\"r0\""))
        #expect(!outcome.page.contains("other"))
        let role = try BuiltinTests.collector("role")
        #expect(role.plan(for: Facts(version: 17), without: []).steps.map { $0.sql.hasSuffix("\nLIMIT 501") } == [true])
    }
}
