import Sonde
import Testing

@Suite("Planning")
struct PlanTests {
    private static let definition = Definition(
        "writer", help: "A writer.", from: [14: "pg_stat_bgwriter b", 17: "pg_stat_checkpointer b"],
        columns: [
            .gauge("always", "b.a", help: "A value."), .gauge("until_17", [13: "b.old", 17: nil], help: "A value."),
            .gauge("since_16", [16: "b.new"], help: "A value."), .label("kind", "b.kind"),
        ])

    @Test("an extension whose schema is closed to us is told with what to grant, and not asked for")
    func closedExtension() {
        var facts = Facts(version: 17)
        facts.closedExtensions = ["thing": "a\"b"]
        let definition = Definition(
            "x", help: "x", from: "y", columns: [.gauge("z", "1", help: "z")],
            requires: Definition.Requirements(extensions: ["thing"]))
        let grant = "GRANT USAGE ON SCHEMA \"a\"\"b\" TO the monitoring role"
        #expect(
            definition.plan(for: facts, without: [])
                == .skip(
                    .forbidden("needs USAGE on the schema of extension thing: \(grant)")))
    }

    @Test(
        "a query has the columns of its version, labels first",
        arguments: [
            (
                14,
                "SELECT (b.kind) AS \"kind\",\n  (b.a) AS \"always\",\n  (b.old) AS \"until_17\"\nFROM pg_stat_bgwriter b"
            ),
            (
                16,
                "SELECT (b.kind) AS \"kind\",\n  (b.a) AS \"always\",\n  (b.old) AS \"until_17\",\n  (b.new) AS \"since_16\"\n"
                    + "FROM pg_stat_bgwriter b"
            ),
            (
                99,
                "SELECT (b.kind) AS \"kind\",\n  (b.a) AS \"always\",\n  (b.new) AS \"since_16\"\nFROM pg_stat_checkpointer b"
            ),
        ])
    func versions(major: Int, sql: String) {
        #expect(Self.definition.plan(for: Facts(version: Version(major))).steps.map(\.sql) == [sql])
    }

    @Test("a column that was refused is not asked for")
    func refused() {
        let plan = Self.definition.plan(for: Facts(version: 17), without: ["kind", "since_16"])
        #expect(plan.steps.map(\.sql) == ["SELECT (b.a) AS \"always\"\nFROM pg_stat_checkpointer b"])
    }

    @Test("there is nothing to run where there is no FROM, or no column")
    func nothing() {
        #expect(Self.definition.plan(for: Facts(version: 13)) == .skip(.version))
        let young = Definition(
            "x", help: "A.", from: "t", columns: [.label("l", "l"), .gauge("g", [18: "g"], help: "A.")])
        #expect(young.plan(for: Facts(version: 17)) == .skip(.version))
        for refused in [["from"], ["always", "since_16"]] as [Set<String>] {
            guard case .skip(.unavailable) = Self.definition.plan(for: Facts(version: 17), without: refused) else {
                Issue.record("without \(refused) there is a plan")
                continue
            }
        }
    }

    @Test(
        "what is for primaries does not run on standbys, nor the other way round",
        arguments: [
            (ServerRole.any, false, true), (.any, true, true), (.primary, false, true), (.primary, true, false),
            (.standby, true, true),
            (.standby, false, false),
        ])
    func roles(role: ServerRole, isInRecovery: Bool, runs: Bool) {
        let definition = Definition("x", help: "A.", from: "t", columns: [.gauge("g", "g", help: "A.")], on: role)
        let plan = definition.plan(for: Facts(version: 17, isInRecovery: isInRecovery))
        #expect(plan == .skip(.role) ? !runs : runs)
    }

    @Test("groups are the labels and info columns by their places")
    func groups() {
        let definition = Definition(
            "x", help: "A.", from: "t",
            columns: [.gauge("n", "count(*)", help: "A."), .label("l", "t.l"), .info("i", "t.i")],
            group: true)
        let grouped = "SELECT (t.l) AS \"l\",\n  (t.i) AS \"i\",\n  (count(*)) AS \"n\"\nFROM t\nGROUP BY 1, 2"
        #expect(definition.plan(for: Facts(version: 17)).steps.map(\.sql) == [grouped])
        #expect(
            definition.plan(for: Facts(version: 17), without: ["l", "i"]).steps.map(\.sql)
                == ["SELECT (count(*)) AS \"n\"\nFROM t"])
    }

    @Test(
        "{schema} is the schema of the extension, in quotes",
        arguments: [
            ("{schema}.pg_stat_statements s", "\"my \"\"x\"\".y\".pg_stat_statements s"),
            ("f('{', '{schema', '}{schema}')", "f('{', '{schema', '}\"my \"\"x\"\".y\"')"),
            ("{{schema}}", "{\"my \"\"x\"\".y\"}"), ("{}", "{}"),
        ])
    func schema(text: String, expected: String) {
        let definition = Definition(
            "x", help: "A.", from: SQL(text), columns: [.gauge("g", ["1.9": "{schema}.g()", "1.10": "1"], help: "A.")],
            axis: .extension("stuff"))
        let facts = { (version: Version) in
            Facts(version: 17, extensions: ["stuff": .init(version: version, schema: "my \"x\".y")])
        }
        #expect(definition.plan(for: facts("1.10")).steps.map(\.sql) == ["SELECT (1) AS \"g\"\nFROM \(expected)"])
        #expect(
            definition.plan(for: facts("1.9")).steps.map(\.sql) == [
                "SELECT (\"my \"\"x\"\".y\".g()) AS \"g\"\nFROM \(expected)"
            ])
        #expect(definition.plan(for: facts("1.8")) == .skip(.version))
    }

    @Test("what is missing is said, with what to do")
    func missing() {
        let definition = Definition(
            "x", help: "A.", from: "t", columns: [.gauge("g", "g", help: "A.")],
            requires: .init(extensions: ["stuff"], roles: ["pg_monitor"]))
        let here = Facts.Extension(version: 1, schema: "public")
        #expect(
            definition.plan(for: Facts(version: 17, database: "app"))
                == .skip(.unavailable("needs extension stuff: CREATE EXTENSION stuff in database app")))
        #expect(
            definition.plan(for: Facts(version: 17, extensions: ["stuff": here], roles: []))
                == .skip(.unavailable("needs the privileges of pg_monitor: GRANT pg_monitor TO the monitoring role")))
        #expect(definition.plan(for: Facts(version: 17, extensions: ["stuff": here])).steps.count == 1)
    }

    private static func required(_ requires: Definition.Requirements) -> Definition {
        Definition("x", help: "A.", from: "t", columns: [.gauge("g", "g", help: "A.")], requires: requires)
    }

    @Test("a privilege that is missing is said with its GRANT, one without an object as what it is")
    func privileges() {
        let (view, function) = (Privilege("SELECT ON a.v"), Privilege("EXECUTE ON FUNCTION f()"))
        let definition = Self.required(.init(privileges: [view, function]))
        #expect(definition.questions == Questions(privileges: [view, function]))
        let plan = { (facts: Facts) in definition.plan(for: facts) }
        #expect(
            plan(Facts(version: 17, database: "app", privileges: [function]))
                == .skip(
                    .forbidden(
                        """
                        needs SELECT ON a.v: GRANT SELECT ON a.v TO the monitoring role, or, if it may read all there is, \
                        GRANT pg_read_all_data TO it
                        """)))
        #expect(
            plan(Facts(version: 13, privileges: [function]))
                == .skip(.forbidden("needs SELECT ON a.v: GRANT SELECT ON a.v TO the monitoring role")))
        #expect(
            plan(Facts(version: 17))
                == .skip(
                    .forbidden(
                        """
                        needs SELECT ON a.v and EXECUTE ON FUNCTION f(): GRANT SELECT ON a.v TO the monitoring role; \
                        GRANT EXECUTE ON FUNCTION f() TO the monitoring role
                        """)))
        #expect(
            plan(Facts(version: 17, privileges: [function], absent: [view]))
                == .skip(.unavailable("needs SELECT ON a.v, and there is no such object in database postgres")))
        #expect(plan(Facts(version: 17).fulfilling(definition)).steps.count == 1)
    }

    @Test("the FROM of a statement can be looked at by itself")
    func source() throws {
        let definition = Definition(
            "x", help: "A.", from: "é AS t -- all", columns: [.label("l", "t.l"), .gauge("g", "t.g", help: "A.")])
        let step = try #require(definition.plan(for: Facts(version: 17)).steps.first)
        #expect(step.sourceExplanation?.sql == "EXPLAIN SELECT FROM é AS t -- all\n")
        #expect(Step("SHOW x").sourceExplanation == nil)
    }

    @Test("a privilege on some of many objects lets a definition run, and says what is not shown")
    func shortfall() {
        let definition = Self.required(.init(privileges: ["SELECT ON ALL SEQUENCES"]))
        var facts = Facts(version: 13, privileges: ["SELECT ON ALL SEQUENCES"])
        #expect(definition.shortfall(in: facts) == nil)
        facts.partial = ["SELECT ON ALL SEQUENCES"]
        #expect(definition.plan(for: facts).steps.count == 1)
        #expect(
            definition.shortfall(in: facts)
                == """
                needs SELECT ON ALL SEQUENCES, and not all of it is there: \
                GRANT SELECT ON ALL SEQUENCES IN SCHEMA each of yours TO the monitoring role
                """)
    }

    @Test("a setting that is not as it must be is said, and so is a relation that is not there")
    func settings() {
        let definition = Self.required(
            .init(settings: ["track_commit_timestamp": "on", "lib.max": "any"], relations: ["app.queue"]))
        let facts = Facts(version: 17).fulfilling(definition)
        #expect(definition.plan(for: facts).steps.count == 1)
        let unavailable = { (change: (inout Facts) -> Void) in
            var facts = facts
            change(&facts)
            guard case .skip(.unavailable(let text)) = definition.plan(for: facts) else { return "" }
            return text
        }
        #expect(unavailable { $0.settings["lib.max"] = "5000" }.isEmpty)
        #expect(
            unavailable { $0.settings["track_commit_timestamp"] = "off" }
                == "needs track_commit_timestamp = on, and it is off")
        #expect(
            unavailable { $0.settings["lib.max"] = nil }
                == """
                needs the setting lib.max, which the server does not have or does not show: add lib to \
                shared_preload_libraries
                """)
        #expect(unavailable { $0.relations = [] } == "needs app.queue, which is not in database postgres")
    }

    @Test("each expression is found by the position of an error, counted in code points")
    func spans() throws {
        let definition = Definition(
            "x", help: "A.", from: "t JOIN nope USING (a)",
            columns: [
                .label("l", "'😀e\u{301}\r\n'"), .gauge("g", "nope(1)", help: "A."), .gauge("h", "2 -- two", help: "A."),
            ])
        let step = try #require(definition.plan(for: Facts(version: 17)).steps.first)
        let scalars = Array(step.sql.unicodeScalars)
        for (text, column) in [
            ("😀", "l"), ("nope(1)", "g"), ("2 --", "h"), ("nope U", "from"), ("AS", nil), ("SEL", nil),
        ] {
            let wanted = Array(text.unicodeScalars)
            let place = try #require(scalars.indices.first { scalars[$0...].starts(with: wanted) })
            #expect(step.column(at: place + 1) == column, "\(text)")
        }
        #expect(step.column(at: 0) == nil)
        #expect(step.column(at: scalars.count + 1) == nil)
    }

    @Test("a comment at the end of an expression hides nothing")
    func comments() {
        let definition = Definition(
            "x", help: "A.", from: "t -- a table",
            columns: [.label("l", "l -- a label"), .gauge("g", "count(*)", help: "A.")],
            group: true)
        #expect(
            definition.plan(for: Facts(version: 17)).steps.map(\.sql)
                == ["SELECT (l -- a label\n) AS \"l\",\n  (count(*)) AS \"g\"\nFROM t -- a table\n\nGROUP BY 1"])
    }

    @Test("relation by relation, the expressions are checked, then run in a block, then read page by page")
    func relations() throws {
        let definition = Definition(
            "size", help: "Sizes.", from: "pg_class c",
            columns: [.label("relname", "c.relname"), .gauge("table", "pg_table_size(c.oid)", help: "A.")], each: true)
        guard case .pages(let size, let first, let page) = definition.plan(for: Facts(version: 17)) else {
            Issue.record("no pages")
            return
        }
        #expect(size < 5_000)
        #expect(first.count == 2)
        #expect(page.count == 2)
        #expect(
            first[1].sql == "EXPLAIN SELECT (pg_table_size(c.oid)) AS \"table\"\nFROM (SELECT c.oid FROM pg_class c) c")
        #expect(first[1].explanation == first[1].sql)
        #expect(first[1].spans.map(\.column) == ["table", "from"])
        #expect(page[0].sql.contains("coalesce((pg_table_size(c.oid))::text, '')"))
        #expect(!page[1].sql.contains("pg_table_size"))
        #expect(page[1].spans.map(\.column) == ["relname", "from"])
        #expect(page[1].explanation == "EXPLAIN " + page[1].sql)
    }
}
