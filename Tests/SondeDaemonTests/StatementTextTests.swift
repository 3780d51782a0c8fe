import Testing

@testable import SondeDaemon

@Suite("SQL of somebody else's")
struct StatementTextTests {
    @Test(
        "the first statement ends at its semicolon, wherever others stand",
        arguments: [
            ("SELECT 1", "SELECT 1", false), ("SELECT 1;\n", "SELECT 1", false),
            ("SELECT 1 ; ; -- x", "SELECT 1", false),
            ("SELECT ';' AS a; SELECT 2", "SELECT ';' AS a", true), ("SELECT E'\\';' ;SELECT", "SELECT E'\\';'", true),
            ("SELECT \";\" -- ;\n, 2", "SELECT \";\" -- ;\n, 2", false),
            ("SELECT $a$;$b$;$a$;", "SELECT $a$;$b$;$a$", false),
            ("SELECT /* ; /* ; */ ; */ 1;x", "SELECT /* ; /* ; */ ; */ 1", true), ("SELECT $1;", "SELECT $1", false),
            ("", "", false), ("-- nothing", "-- nothing", false), ("SELECT 'open", "SELECT 'open", false),
            ("SELECT $$open", "SELECT $$open", false), ("/* open", "/* open", false), ("\"", "\"", false),
        ])
    func ends(text: String, body: String, hasMore: Bool) {
        let statement = StatementText(text)
        #expect(statement.body == body)
        #expect(statement.hasMore == hasMore)
    }

    @Test(
        "columns are called as the server calls them, where that can be told",
        arguments: [
            ("SELECT a, t.b, c AS d, e f, \"G\" FROM t", ["a", "b", "d", "f", "G"], true),
            ("SELECT count(*), max(x) AS m, now() t, pg_catalog.lower(a) FROM t", ["count", "m", "t", "lower"], true),
            ("WITH x AS (SELECT 1 AS no) SELECT yes FROM x", ["yes"], true),
            ("SELECT EXTRACT(EPOCH FROM now() - a) AS lag, b IS DISTINCT FROM c AS d", ["lag", "d"], true),
            ("SELECT DISTINCT ON (a, b) c, d FROM t", ["c", "d"], true), ("SELECT ALL a", ["a"], true),
            ("SELECT CASE WHEN a IN (1, 2) THEN 1 ELSE 0 END AS a, CASE WHEN b THEN 1 END b", ["a", "b"], true),
            ("SELECT a UNION SELECT b", ["a"], true), ("SELECT Mixed, ARRAY[1, 2] AS list", ["mixed", "list"], true),
            ("SELECT 'x' AS \"a \"\" b\"", ["a \" b"], true), ("SELECT 1 one", ["one"], true),
            ("SELECT *, a FROM t", ["a"], false), ("SELECT t.* FROM t", [], false), ("SELECT a + b", [], false),
            ("SELECT a::text", [], false), ("SELECT a AND b", [], false), ("SELECT a IS NULL", [], false),
            ("SELECT f(a) - g(b)", [], false), ("SELECT now() AT TIME ZONE 'UTC'", [], false),
            ("TABLE t", [], false), ("VALUES (1)", [], false), ("", [], false), ("SELECT", [], false),
            ("SELECT ,", [], false),
        ])
    func names(text: String, names: [String], isComplete: Bool) {
        let found = StatementText(text).columnNames
        #expect(found.names == names)
        #expect(found.isComplete == isComplete)
    }

    @Test("a subquery takes columns and conditions, whatever it ends in")
    func wrapped() {
        let statement = StatementText("SELECT a FROM t -- all\n;")
        #expect(statement.wrapped(adding: []) == "SELECT a FROM t -- all")
        #expect(
            statement.wrapped(adding: [("q.a + 1", "b\"")], if: ["SELECT true", "SELECT x"])
                == "SELECT q.*,\n  q.a + 1 AS \"b\"\"\"\nFROM (\nSELECT a FROM t -- all\n) AS q\nWHERE (\nSELECT true\n)::text::boolean\nAND (\nSELECT x\n)::text::boolean"
        )
    }
}
