import Sonde
import SondePostgres
import Testing

struct FactsQueryTests {
    private static let columns = ["kind", "name", "value", "more"].map { Rows.Column($0) }

    @Test("rows become facts")
    func facts() {
        let rows = Rows(
            columns: Self.columns,
            texts: [
                ["version", nil, "170004", nil], ["recovery", nil, "true", nil], ["start", nil, "1700000000.25", nil],
                ["timeline", nil, "3", nil], ["database", "a b", nil, nil],
                ["extension", "pg_stat_statements", "1.10", "my schema"], ["role", "pg_monitor", nil, nil],
                ["something new", nil, nil, nil],
            ])
        #expect(
            Facts(rows)
                == Facts(
                    version: Version(17, 4), isInRecovery: true, timeline: 3, startTime: 1_700_000_000.25,
                    database: "a b",
                    extensions: ["pg_stat_statements": Facts.Extension(version: "1.10", schema: "my schema")],
                    roles: ["pg_monitor"]))
    }

    @Test("what was refused is not there")
    func withoutTimeline() {
        #expect(!FactsQuery.sql(withTimeline: false).contains("pg_control"))
        let rows = Rows(columns: Self.columns, texts: [["version", nil, "130001", nil]])
        #expect(Facts(rows) == Facts(version: Version(13, 1), database: "postgres", roles: []))
    }

    @Test("rows without a version are no facts", arguments: [[], [["version", nil, "x", nil]]] as [[[String?]]])
    func noVersion(texts: [[String?]]) {
        #expect(Facts(Rows(columns: Self.columns, texts: texts)) == nil)
    }
}
