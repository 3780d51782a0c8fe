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
