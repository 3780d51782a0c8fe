import Sonde
import Testing

@Suite("Privileges")
struct PrivilegeTests {
    @Test(
        "are spelled as GRANT has them",
        arguments: [
            ("SELECT ON pg_file_settings", "n.nspname = 'pg_catalog' AND o.relname = 'pg_file_settings'"),
            ("select on TABLE App.Queue", "n.nspname = 'app' AND o.relname = 'queue'"),
            ("SELECT ON \"My App\".\"Queue.x\"", "n.nspname = 'My App' AND o.relname = 'Queue.x'"),
            ("EXECUTE ON FUNCTION f()", "o.proname = 'f' AND oidvectortypes(o.proargtypes) = ''"),
            (
                "EXECUTE ON FUNCTION a.f(int, TEXT[] ,timestamp with time zone)",
                "oidvectortypes(o.proargtypes) = 'integer, text[], timestamp with time zone'"
            ),
            ("EXECUTE ON FUNCTION f( pg_catalog.int8, app.kind )", "= 'bigint, app.kind'"),
            ("USAGE ON SCHEMA app", "n.nspname = 'app'"),
            ("SELECT ON ALL SEQUENCES", "has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')"),
        ])
    func readable(text: String, condition: String) {
        #expect(Privilege(text).isReadable)
        #expect(Privilege(text).condition?.contains(condition) ?? false)
    }

    @Test(
        "that are none are not asked for",
        arguments: [
            "", "SELECT", "SELECT ON", "SELECT pg_stat_activity", "SELECT ON a.b.c", "SELECT ON 1a", "SELECT ON a'b",
            "SELECT ON \"a'b\"", "SELECT ON \"a\\b\"", "SELECT ON \"a", "SELECT ON \"\"", "SELECT ON \"a\"\"b\"",
            "SELECT ON a; DROP TABLE b", "SELECT ON a) UNION ALL (SELECT 1", "DELETE ON a", "SELECT ON FUNCTION f()",
            "EXECUTE ON f()", "EXECUTE ON FUNCTION f", "EXECUTE ON FUNCTION f(", "EXECUTE ON FUNCTION f(int",
            "EXECUTE ON FUNCTION f(int,)", "EXECUTE ON FUNCTION f('x')", "EXECUTE ON FUNCTION f(a.b.c)",
            "EXECUTE ON FUNCTION f(int[)", "USAGE ON SCHEMA a.b", "USAGE ON DATABASE a", "SELECT ON ALL",
            "SELECT ON ALL TABLES", "SELECT ON ALL SEQUENCES IN SCHEMA a",
            "SELECT ON ä",
        ])
    func unreadable(text: String) {
        #expect(!Privilege(text).isReadable)
        #expect(Questions(privileges: [Privilege(text)]).problems.count == 1)
        #expect(Questions(privileges: [Privilege(text)]).selects.isEmpty)
    }

    @Test("questions of several collectors are asked once")
    func union() {
        let one = Questions(privileges: ["SELECT ON a"], settings: ["x"], relations: ["r"])
        let both = one.union(Questions(privileges: ["SELECT ON a", "SELECT ON b"], settings: ["y"], relations: ["r"]))
        #expect(both == Questions(privileges: ["SELECT ON a", "SELECT ON b"], settings: ["x", "y"], relations: ["r"]))
        #expect(both.selects.count == 4)
    }
}
