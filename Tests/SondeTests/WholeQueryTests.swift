import Sonde
import SondeTesting
import Testing

@Suite("A definition of a whole query")
struct WholeQueryTests {
    private static let definition = Definition(
        "shop", help: "Sales (shop.sales)", query: ["1.18": "SHOW SALES", "1.24": "SHOW ALL {schema} SALES"],
        columns: [
            .label("kind", "sort"), .info("colour", "colour"), .gauge("items", "n", help: "A."),
            .gauge("size_bytes", ["1.18": "kilobytes", "1.24": "kb"], in: .kilobytes, help: "A."),
            .gauge("gone", ["1.18": "gone", "1.20": nil], help: "A."),
        ], kind: .pgbouncer)

    @Test(
        "is run as it is, by version",
        arguments: [
            ("1.17", nil), ("1.18", "SHOW SALES"), ("1.23", "SHOW SALES"), ("1.26", "SHOW ALL pg_catalog SALES"),
        ] as [(Version, String?)])
    func plan(version: Version, sql: String?) {
        let plan = Self.definition.plan(for: Facts(version: version))
        #expect(
            plan
                == (sql.map { .steps([Step($0, spans: [.init(column: "from", range: 0..<$0.count)])]) }
                    ?? .skip(.version)))
    }

    @Test("is unavailable once the server refuses it, wherever the error stands")
    func refused() throws {
        let step = try #require(Self.definition.plan(for: Facts(version: "1.18")).steps.first)
        #expect(step.column(at: 1) == "from" && step.column(at: step.sql.count) == "from")
        guard case .skip(.unavailable) = Self.definition.plan(for: Facts(version: "1.18"), without: ["from"]) else {
            Issue.record("a query that was refused is asked again")
            return
        }
    }

    @Test(
        "has its cells found by the names of the query's columns, whichever version they are of; what is missing is left out"
    )
    func cells() throws {
        var rehearsal = Rehearsal(Self.definition)
        let names = ["sort", "colour", "kilobytes", "n", "other"].map { Rows.Column($0) }
        let old = try rehearsal.run([Canned(names, rows: [["a", "red", "2", "3", "x"], ["b", nil, "4", nil, "x"]])])
        #expect(
            old.page.split(separator: "\n").filter { !$0.hasPrefix("#") } == [
                #"pgbouncer_shop_info{kind="a",colour="red"} 1"#, #"pgbouncer_shop_info{kind="b",colour=""} 1"#,
                #"pgbouncer_shop_items{kind="a"} 3"#, #"pgbouncer_shop_size_bytes{kind="a"} 2048"#,
                #"pgbouncer_shop_size_bytes{kind="b"} 4096"#,
            ])
        let new = try rehearsal.run([Canned([Rows.Column("kb"), Rows.Column("sort")], rows: [["2", "a"]])])
        #expect(
            new.page.split(separator: "\n").filter { !$0.hasPrefix("#") } == [
                #"pgbouncer_shop_size_bytes{kind="a"} 2048"#
            ])
        #expect(new.counts.unreadable == 0)
    }

    @Test("may have a histogram, whose parts are columns of the query")
    func histogram() throws {
        let definition = Definition(
            "shop", help: "Sales (shop.sales)", query: "SELECT * FROM shop.sales()",
            columns: [
                .histogram("age_seconds", bounds: "bounds", buckets: "counts", sum: "total", count: "n", help: "A.")
            ])
        var rehearsal = Rehearsal(definition)
        let columns = ["n", "bounds", "counts", "total"].map { Rows.Column($0) }
        let page = try rehearsal.run([Canned(columns, rows: [["5", "{1,2}", "{3,4}", "9"]])]).page
        #expect(page.contains("pg_shop_age_seconds_bucket{le=\"2\"} 4\n"))
        #expect(page.contains("pg_shop_age_seconds_sum 9\n"))
        #expect(page.contains("pg_shop_age_seconds_count 5\n"))
    }

    @Test("keeps the contract of what it declares")
    func contract() {
        #expect(Contract.problems(of: Self.definition, on: Facts(version: "1.24")) == [])
    }

    @Test(
        "says what does not go with it",
        arguments: [
            (made { $0.query = "x" }, []), (made { $0.from = nil }, ["from has no SQL"]),
            (made { ($0.from, $0.query) = (nil, " ") }, ["query: SQL cannot be empty"]),
            (made { $0.query = [:] }, ["query has no SQL"]),
            (made { ($0.from, $0.query) = ("t", "x") }, ["from and query exclude each other"]),
            (
                made { ($0.query, $0.group) = ("x", true) },
                ["query and group exclude each other: group within the query"]
            ),
            (made { ($0.query, $0.each) = ("x", true) }, ["query and each exclude each other"]),
            (
                made { ($0.query, $0.limit) = ("x", Limit(rows: 1, by: ["v"])) },
                ["query and limit exclude each other", "limit needs a label"]
            ),
            (
                made { $0.kind = .pgbouncer },
                ["from has no SQL", "PgBouncer has no FROM: write a query, such as SHOW POOLS"]
            ),
            (
                made { ($0.query, $0.kind, $0.per) = ("x", .pgbouncer, .database) },
                ["per means nothing to PgBouncer: remove it"]
            ),
            (
                made { ($0.query, $0.kind, $0.roles) = ("x", .pgbouncer, ["pg_monitor"]) },
                ["requires means nothing to PgBouncer: remove it"]
            ),
        ])
    func problems(made: Made, expected: [String]) {
        #expect(Registry.problems(of: made.definition) == expected)
    }

    /// What a test makes of a definition.
    struct Made: Sendable {
        var from: SQL?
        var query: SQL?
        var kind = ServerKind.postgresql
        var per = Scope.server
        var group = false
        var each = false
        var limit: Limit?
        var roles: [String] = []

        var definition: Definition {
            Definition(
                "x", help: "A.", prefix: nil, from: from, query: query, columns: [.gauge("v", "v", help: "A.")],
                kind: kind, per: per, on: .any, axis: .server, requires: .init(roles: roles), cost: .light, every: nil,
                timeout: nil, expire: nil, group: group, each: each, limit: limit, enabled: true)
        }
    }

    private static func made(_ change: (inout Made) -> Void) -> Made {
        var made = Made()
        change(&made)
        return made
    }
}
