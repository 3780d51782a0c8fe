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
                ["closed", "pgstattuple", "1.5", "secret"],
                ["privilege", "SELECT ON a", "true", nil], ["privilege", "SELECT ON ALL SEQUENCES", "true", "true"],
                ["privilege", "SELECT ON b", "false", nil],
                ["privilege", "SELECT ON c", nil, nil], ["setting", "work_mem", "4096", nil],
                ["relation", "app.queue", nil, nil], ["something new", nil, nil, nil],
            ])
        #expect(
            Facts(rows)
                == Facts(
                    version: Version(17, 4), isInRecovery: true, timeline: 3, startTime: 1_700_000_000.25,
                    database: "a b",
                    extensions: ["pg_stat_statements": Facts.Extension(version: "1.10", schema: "my schema")],
                    closedExtensions: ["pgstattuple": "secret"],
                    roles: ["pg_monitor"], privileges: ["SELECT ON a", "SELECT ON ALL SEQUENCES"],
                    partial: ["SELECT ON ALL SEQUENCES"], absent: ["SELECT ON c"],
                    settings: ["work_mem": "4096"], relations: ["app.queue"]))
    }

    @Test("what collectors want to know is asked in the same statement; what is no name or privilege is left out")
    func questions() {
        let sql = FactsQuery.sql(
            withTimeline: false,
            answering: Questions(
                privileges: ["SELECT ON pg_file_settings", "SELECT ON 'x"], settings: ["work_mem", "a'b"],
                relations: ["app.queue", "app;queue"]))
        let added = sql.dropFirst(FactsQuery.sql(withTimeline: false).count - 1)
        #expect(added.split(separator: "UNION ALL ").count == 4)
        #expect(added.contains("'SELECT ON pg_file_settings'") && added.contains("o.relname = 'pg_file_settings'"))
        #expect(added.contains("IN ('work_mem')") && added.contains("n.nspname = 'app' AND o.relname = 'queue'"))
        #expect(!added.contains("'x") && !added.contains("a'b") && !added.contains(";"))
    }

    @Test("what was refused is not there")
    func withoutTimeline() {
        #expect(!FactsQuery.sql(withTimeline: false).contains("timeline"))
        let rows = Rows(columns: Self.columns, texts: [["version", nil, "130001", nil]])
        #expect(Facts(rows) == Facts(version: Version(13, 1), database: "postgres", roles: []))
    }

    @Test(
        "what a console says is its version",
        arguments: [
            ("PgBouncer 1.18.0", Version(1, 18)), ("PgBouncer 1.26.1", Version(1, 26)),
            ("pgbouncer version 1.12.0-dev", Version(1, 12)), ("PgBouncer", nil), (nil, nil),
        ] as [(String?, Version?)])
    func console(text: String?, version: Version?) {
        let facts = Facts(Rows(columns: [Rows.Column("version")], texts: [[text]]))
        #expect(facts == version.map { Facts(version: $0, database: "pgbouncer", roles: []) })
    }

    @Test("rows without a version are no facts", arguments: [[], [["version", nil, "x", nil]]] as [[[String?]]])
    func noVersion(texts: [[String?]]) {
        #expect(Facts(Rows(columns: Self.columns, texts: texts)) == nil)
    }
}
