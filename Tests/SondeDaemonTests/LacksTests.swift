import Sonde
import SondeCollectors
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("Rights that are lacking")
struct LacksTests {
    private static let need = "needs SELECT ON a: GRANT SELECT ON a TO the monitoring role"

    /// A run in a database: with a right, without it, or without something that is no right.
    private static func report(_ state: Watch.State, rows: Int = 1, in database: String? = nil) -> Watch.Report {
        var report = Watch.Report()
        report.state = state
        if state.isSuccess { report.counts.rows = rows }
        if state == .unavailable { report.detail = "needs extension x: CREATE EXTENSION x in database y" }
        if let database { report.miss(Lacks(need, in: database)) }
        return report
    }

    @Test(
        "in some databases are told, though others have numbers; what is no right is no fault where one has it",
        arguments: [
            ([report(.ok), report(.unavailable, in: "b")], Watch.State.partial, "in database b, "),
            ([report(.unavailable, in: "b"), report(.ok)], .partial, "in database b, "),
            ([report(.ok, in: "a"), report(.ok), report(.ok, in: "c")], .partial, "in each of the databases a, c, "),
            (
                [report(.unavailable, in: "a"), report(.unavailable, in: "b")], .unavailable,
                "in each of the databases a, b, "
            ),
            ([report(.unavailable, in: "a"), report(.unavailable)], .unavailable, "in database a, "),
            (
                ["a", "b", "c", "d", "e", "f", "g"].map { report(.unavailable, in: $0) }, .unavailable,
                "in each of the databases a, b, c, d, e and 2 more, "
            ),
            ([report(.ok, rows: 0), report(.unavailable, in: "b")], .unavailable, "in database b, "),
            ([report(.unavailable, in: "b"), report(.ok, rows: 0)], .unavailable, "in database b, "),
            ([report(.unavailable, in: "b"), report(.ok, rows: 0), report(.ok)], .partial, "in database b, "),
            ([report(.ok, rows: 0, in: "b")], .partial, "in database b, "),
            ([report(.ok), report(.unavailable)], .ok, nil), ([report(.unavailable), report(.ok)], .ok, nil),
        ] as [([Watch.Report], Watch.State, String?)])
    func databases(reports: [Watch.Report], state: Watch.State, place: String?) {
        let sum = reports.dropFirst().reduce(reports[0]) { $0.adding($1) }
        #expect(sum.state == state)
        #expect(sum.detail == (place.map { "needs SELECT ON a: \($0)GRANT SELECT ON a TO the monitoring role" } ?? ""))
    }

    @Test("what a role may do holds in all databases")
    func role() {
        let need = "needs the privileges of pg_read_all_settings: GRANT pg_read_all_settings TO the monitoring role"
        #expect(Lacks(need, in: "a").text == need)
        let settings: [any PartlyGranted] = [Settings(), PostgresExporterSettings()]
        for collector in settings {
            #expect(collector.shortfall(in: Facts(version: 17)) == nil)
            let told = collector.shortfall(in: Facts(version: 17, roles: []))
            #expect(told.map { Lacks($0, in: "a").text == $0 } == true)
        }
    }

    @Test("a failure says more than a right that is lacking")
    func failure() {
        let failure = Watch.Report(failure: .init(.timeout, message: "slow"))
        for sum in [failure.adding(Self.report(.unavailable, in: "a")), Self.report(.ok, in: "a").adding(failure)] {
            #expect(sum.state == .failed && sum.detail.contains("slow"))
        }
    }

    @Test("several are told one after the other, five at most in a line")
    func several() {
        var lacks = Lacks()
        for number in 1...6 { lacks.formUnion(Lacks("needs X\(number): GRANT X\(number)", in: "a")) }
        #expect(lacks.text.hasPrefix("needs X1: in database a, GRANT X1; needs X2: in database a, GRANT X2; "))
        #expect(lacks.text.hasSuffix("; and 1 more") && !lacks.text.contains("X6"))
        #expect(lacks.texts.count == 6 && lacks.texts.last == "needs X6: in database a, GRANT X6")
    }

    @Test("the statement that was refused and what was said of it are searched for names, however they are spelled")
    func names() {
        let sql = #"SELECT count(*) FROM pg_stat_database AS d JOIN App."Odd ""One" o ON o.a1 = 'x' -- 42"#
        let names = Denial.names(in: sql)
        #expect(names.isSuperset(of: ["pg_stat_database", "app", "a1"]) && !names.contains("42"))
        let said = Denial(Step("SELECT 1"), "Zugriff auf Funktion pg_ls_waldir verweigert: 'it''s'").sql
        #expect(said.contains("'pg_ls_waldir'") && said.contains("'select'") && !said.contains("'it''"))
        #expect(Denial.names(in: #"FROM "it's"."b""#) == ["from", "it's", "b"])
        #expect(Denial(Step(#"FROM "it's""#), "").sql.contains("'it''s'"))
        let toast = Step("SELECT 1 FROM pg_locks WHERE nspname !~ '^pg_toast'")
        #expect(!Denial(toast, "permission denied for view pg_locks").sql.contains("'pg_toast'"))
        #expect(Denial(toast, "permission denied for schema pg_toast").sql.contains("'pg_toast'"))
    }

    @Test(
        "a text in the statement is no name, unless it is made one",
        arguments: [
            (
                "FROM pg_locks WHERE n !~ '^pg_toast' AND k IN ('app', 'shop')", ["pg_locks"],
                ["pg_toast", "app", "shop"]
            ),
            ("SELECT 'it''s app', E'\\' app', x FROM \"it's\"", ["it's", "x"], ["app"]),
            ("SELECT x -- isn't app\n, y /* it's\n app */, z", ["x", "y", "z"], ["app", "isn"]),
            (
                "SELECT to_regclass('app.a'), 'shop.b'::regclass, pg_relation_size( 'c' )",
                ["app", "a", "shop", "b", "c"], []
            ),
        ] as [(String, [String], [String])])
    func texts(sql: String, names: [String], others: [String]) {
        let found = Denial.names(ofStatement: sql)
        #expect(found.isSuperset(of: names) && found.isDisjoint(with: others), "\(found.sorted())")
        let said = Denial(Step(sql), "permission denied for view pg_locks").sql
        #expect(
            names.allSatisfy { said.contains(Identifier.literal($0)) } && !others.contains { said.contains("'\($0)'") })
    }
}
