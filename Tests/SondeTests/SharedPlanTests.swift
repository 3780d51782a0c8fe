import Testing

@testable import Sonde

@Suite("Plans that definitions share")
struct SharedPlanTests {
    private static func definition(
        _ name: String, _ columns: [Column], from: SQL = "t AS s", group: Bool = false, each: Bool = false
    ) -> Definition {
        Definition(name, help: "h", from: from, columns: columns, group: group, each: each)
    }

    private static let facts = Facts(version: 17)

    private static func shared(_ one: Definition, _ two: Definition) -> SharedPlan? {
        let none: Set<String> = []
        return SharedPlan([[(definition: one, refused: none), (definition: two, refused: none)]], for: facts)
    }

    @Test("are one statement, each definition's columns side by side")
    func plain() throws {
        let one = Self.definition("one", [.label("a", "s.a"), .gauge("x", "s.x", help: "X.")])
        let two = Self.definition(
            "two", [.gauge("x", "s.y", help: "Y."), .label("a", "s.b"), .gauge("gone", [18: "s.z"], help: "Z.")])
        let shared = try #require(Self.shared(one, two))
        #expect(
            shared.plan.steps.map(\.sql) == [
                """
                SELECT (s.a) AS "a",
                  (s.x) AS "x",
                  (s.b) AS "a",
                  (s.y) AS "x"
                FROM t AS s
                """
            ])
        #expect(shared.windows.map(\.columns) == [0..<2, 2..<4])
    }

    @Test("group by the labels of all")
    func grouped() throws {
        let one = Self.definition("one", [.label("a", "s.a"), .gauge("x", "count(*)", help: "X.")], group: true)
        let two = Self.definition("two", [.gauge("y", "sum(y)", help: "Y."), .label("b", "s.a")], group: true)
        let shared = try #require(Self.shared(one, two))
        #expect(shared.plan.steps.first?.sql.hasSuffix("FROM t AS s\nGROUP BY 1, 3") == true)
    }

    @Test("open each relation once, and evaluate what several need once")
    func each() throws {
        let size = "pg_table_size(c.oid)"
        let one = Self.definition(
            "one", [.label("r", "c.relname"), .gauge("x", SQL(size), help: "X.")], from: "pg_class AS c", each: true)
        let two = Self.definition(
            "two",
            [
                .label("r", "c.relname"), .gauge("i", "pg_indexes_size(c.oid)", help: "I."),
                .gauge("t", SQL(size), help: "T."),
            ],
            from: "pg_class AS c", each: true)
        let shared = try #require(Self.shared(one, two))
        #expect(shared.windows.map(\.columns) == [0..<4, 4..<9])
        let steps = shared.plan.steps.map(\.sql)
        #expect(steps.count == 4)
        #expect(steps[2].components(of: size) == 1)
        #expect(steps[3].hasPrefix("SELECT q.pgsonde_oid, v.f IS NULL AS pgsonde_left_out, q.pgsonde_0_0 AS \"r\""))
        #expect(steps[3].contains("nullif(v.f[2], '') AS \"x\"") && steps[3].contains("nullif(v.f[2], '') AS \"t\""))
        #expect(steps[3].contains("nullif(v.f[3], '') AS \"i\""))
    }

    private static let stacked: SharedPlan? = {
        let one = definition(
            "one", [.label("a", "s.state"), .gauge("x", "count(*)", help: "X.")], from: "pg_stat_activity AS s",
            group: true)
        let two = definition(
            "two", [.gauge("y", "s.pid", help: "Y.")],
            from: "pg_locks AS l JOIN pg_stat_activity AS s ON s.pid = l.pid -- all")
        return SharedPlan([[(definition: one, refused: [])], [(definition: two, refused: [])]], for: facts)
    }()

    @Test("read a view once for queries that differ, one below the other")
    func stacked() throws {
        let shared = try #require(Self.stacked)
        let types = { (list: String) in "CASE WHEN row_number() OVER () = 1 THEN concat_ws(',', \(list)) END" }
        #expect(
            shared.plan.steps.map(\.sql) == [
                """
                WITH pg_stat_activity AS MATERIALIZED (SELECT pid, state FROM pg_catalog.pg_stat_activity)
                SELECT 0, \(types("pg_typeof(p.c0)::oid, pg_typeof(p.c1)::oid")), \
                CASE WHEN p.c0 IS NOT NULL THEN concat(p.c0) END, CASE WHEN p.c1 IS NOT NULL THEN concat(p.c1) END
                FROM (SELECT (s.state) AS "a",
                  (count(*)) AS "x"
                FROM pg_stat_activity AS s
                GROUP BY 1) AS p (c0, c1)
                UNION ALL SELECT 1, \(types("pg_typeof(p.c0)::oid")), \
                CASE WHEN p.c0 IS NOT NULL THEN concat(p.c0) END, NULL
                FROM (SELECT (s.pid) AS "y"
                FROM pg_locks AS l JOIN pg_stat_activity AS s ON s.pid = l.pid -- all
                ) AS p (c0)
                """
            ])
        // Wherever an expression stands, it can be told whose it is.
        let step = try #require(shared.plan.steps.first)
        for (text, column, owner) in [("s.state) AS", "a", 0), ("s.pid) AS", "y", 1)] {
            let place = try #require(step.sql.firstRange(of: text)).lowerBound
            let position = step.sql.distance(from: step.sql.startIndex, to: place) + 1
            #expect(step.column(at: position) == column)
            #expect(shared.windows.map { $0.isOfOthers(errorAt: position) } == [owner != 0, owner != 1])
        }
        #expect(shared.windows.allSatisfy { !$0.isOfOthers(errorAt: nil) && !$0.isOfOthers(errorAt: 1) })
    }

    @Test("give each definition its own rows, with their types")
    func ownRows() throws {
        let shared = try #require(Self.stacked)
        let columns = ["?", "?", "?", "?"].map { Rows.Column($0) }
        let texts = [["1", "1184", "7", nil], ["0", "19,20", "idle", "3"], ["0", nil, nil, "2"]]
        let rows = Rows(columns: columns, texts: texts)
        var seen: [[String?]] = []
        for window in shared.windows {
            window.lend(rows) { part in
                seen.append(part.columns.map { "\($0.name) \($0.type)" })
                for row in 0..<part.count { seen.append(part.columns.map { part.text(row, $0.name) }) }
            }
        }
        #expect(seen == [["a 19", "x 20"], ["idle", "3"], [nil, "2"], ["y 1184"], ["7"]])
        let none = Rows(columns: columns, texts: [])
        shared.windows[0].lend(none) { #expect($0.count == 0 && $0.columns.map(\.name) == ["a", "x"]) }
    }

    @Test("are for definitions of one kind only")
    func kinship() {
        let label = Column.label("a", "s.a")
        let gauge = Column.gauge("x", "s.x", help: "X.")
        let base = Self.definition("one", [label, gauge]).kinship(for: Self.facts, without: [])
        #expect(base != nil)
        #expect(base == Self.definition("two", [gauge]).kinship(for: Self.facts, without: []))
        #expect(base != Self.definition("two", [gauge], from: "u AS s").kinship(for: Self.facts, without: []))
        #expect(base != Self.definition("two", [gauge], each: true).kinship(for: Self.facts, without: []))
        let grouped = Self.definition("two", [label, gauge], group: true).kinship(for: Self.facts, without: [])
        let other = Self.definition("two", [.label("a", "s.b"), gauge], group: true)
        #expect(base != grouped && grouped != other.kinship(for: Self.facts, without: []))
        #expect(Self.definition("two", [gauge]).kinship(for: Self.facts, without: ["x"]) == nil)
    }

    @Test("give each definition its own columns of a row")
    func windows() throws {
        let columns = ["a", "x", "a", "x"].map { Rows.Column($0) }
        let rows = Rows(columns: columns, texts: [["1", "2", "3", nil], ["5", "6", "7", "8"]])
        var seen: [[String?]] = []
        for window in [0..<2, 2..<4, 3..<9] {
            rows.with(columns: window) { part in
                for row in 0..<part.count { seen.append([part.text(row, "a"), part.text(row, "x")]) }
            }
        }
        #expect(seen == [["1", "2"], ["5", "6"], ["3", nil], ["7", "8"], [nil, nil], [nil, "8"]])
        // The whole is still there.
        #expect(rows.text(1, "x") == "6")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
