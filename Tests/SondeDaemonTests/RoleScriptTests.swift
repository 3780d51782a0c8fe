import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

@Suite("The role's script")
struct RoleScriptTests {
    private static func script(
        _ version: Version, role: String = "pgsonde", managed: Bool = false, enabled: Set<String> = [],
        with words: [String] = []
    ) throws -> RoleScript {
        RoleScript(
            role: role, connectionLimit: 4, version: version, isManaged: managed,
            needs: try RoleNeeds(Builtin.collectors, enabled: enabled, with: words, version: version))
    }

    @Test(
        "each version gets the grants that it knows",
        arguments: [(13, false, false), (14, false, true), (15, false, true), (16, true, true), (18, true, true)])
    func versions(version: Int, hasReserved: Bool, hasAllData: Bool) throws {
        let text = try Self.script(Version(version), with: ["read_all_data"]).text()
        #expect(text.contains("ALTER ROLE \"pgsonde\" LOGIN NOSUPERUSER INHERIT;"))
        #expect(text.contains("CREATE ROLE \"pgsonde\" CONNECTION LIMIT 4;"))
        #expect(text.contains("GRANT pg_monitor TO \"pgsonde\"\(hasReserved ? " WITH INHERIT TRUE" : "");"))
        #expect(text.contains("GRANT pg_use_reserved_connections TO") == hasReserved)
        #expect(text.contains("GRANT \"pg_read_all_data\" TO") == hasAllData)
    }

    @Test("a name of several lines ends no comment")
    func lines() throws {
        let text = try Self.script(17, role: "a\n\\! true").text()
        #expect(text.contains("-- It has no password yet, unless it had one: \\password \"a\u{FFFD}\\! true\"\n"))
    }

    @Test("on managed clouds nothing is said that only a superuser may say, and a refusal does not end the script")
    func managed() throws {
        let text = try Self.script(17, managed: true, with: ["files"]).text()
        #expect(!text.contains("NOSUPERUSER"))
        #expect(
            text.contains("    GRANT pg_use_reserved_connections TO \"pgsonde\" WITH INHERIT TRUE;\nEXCEPTION WHEN"))
        #expect(text.contains("    GRANT SELECT ON pg_hba_file_rules TO \"pgsonde\";\nEXCEPTION WHEN"))
    }

    @Test(
        "what is asked for beyond pg_monitor is granted, where the version has it",
        arguments: [
            ("bloat", 13, ["SELECT ON pg_statistic"]), ("sequences", 15, ["SELECT ON ALL SEQUENCES"]),
            (
                "files", 13,
                [
                    "SELECT ON pg_file_settings", "EXECUTE ON FUNCTION pg_show_all_file_settings()",
                    "SELECT ON pg_hba_file_rules", "EXECUTE ON FUNCTION pg_hba_file_rules()",
                ]
            ), ("wal_directory", 17, []), ("ident_file_mappings", 14, []), ("activity", 17, []),
        ] as [(String, Int, [Privilege])])
    func privileges(word: String, version: Int, privileges: [Privilege]) throws {
        let needs = try RoleNeeds(Builtin.collectors, enabled: [], with: [word], version: Version(version))
        #expect(needs.home.privileges == privileges)
        #expect(needs.home.extensions.isEmpty)
        #expect(needs.others.privileges == (["bloat", "sequences"].contains(word) ? privileges : []))
    }

    @Test("collectors that run bring their extensions, and where they run in each database into each")
    func extensions() throws {
        let needs = try RoleNeeds(
            Builtin.collectors, enabled: ["statement", "table_bloat_approx", "table_bloat"], with: [], version: 17)
        #expect(Set(needs.home.extensions) == ["pg_stat_statements", "pgstattuple"])
        #expect(needs.others.extensions == ["pgstattuple"] && needs.home.privileges.isEmpty)
    }

    @Test("all is what the collectors that run lack, be they switched on, and not what those lack that are off")
    func all() throws {
        let running: Set<String> = ["hba_file_rules", "index_bloat", "activity"]
        let needs = try RoleNeeds(Builtin.collectors, enabled: running, with: ["all"], version: 17)
        let each = try RoleNeeds(Builtin.collectors, enabled: running, with: running.sorted(), version: 17)
        #expect(Set(needs.home.privileges) == Set(each.home.privileges) && needs.roles == each.roles)
        #expect(needs.home.privileges.contains("SELECT ON pg_hba_file_rules"))
        #expect(!needs.home.privileges.contains("SELECT ON pg_file_settings"))
    }

    @Test("what pg_monitor may do is not granted", arguments: [(13, true), (14, true), (15, false), (18, false)])
    func monitored(version: Int, isGranted: Bool) throws {
        let needs = try RoleNeeds(
            Builtin.collectors, enabled: [], with: ["shared_memory", "tmpdir"], version: Version(version))
        #expect(needs.home.privileges.isEmpty != isGranted)
    }

    @Test("what is refused without harm counts as done, and nothing else")
    func extras() throws {
        let script = try Self.script(17, managed: true, with: ["files", "bloat"])
        let extras = (script.server + script.database(isHome: true)).filter(\.isExtra).map(\.sql)
        #expect(extras == ["GRANT pg_use_reserved_connections TO \"pgsonde\" WITH INHERIT TRUE"])
    }

    @Test(
        "a word that is none is named with the nearest one", arguments: [("blot", "bloat"), ("sequencse", "sequences")])
    func unknown(word: String, meant: String) {
        do {
            _ = try RoleNeeds(Builtin.collectors, enabled: [], with: [word], version: 17)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("did you mean \"\(meant)\"?"), "\(error)")
        }
    }

    @Test(
        "no name ends a literal, a block, a comment or a line of psql's",
        arguments: ["a\"; DROP ROLE x; --", "a'b\\", "$pgsonde$ $pgsonde1$", "a\n\\! id", "a\\"])
    func hostile(name: String) throws {
        let script = try Self.script(17, role: name, enabled: ["statement"], with: ["sequences", "bloat"])
        let text = script.text(home: "x'\\\"y", closed: [name], others: [name])
        let quoted = "\"\(name.replacing("\"", with: "\"\""))\""
        #expect(text.contains("GRANT pg_monitor TO \(quoted) WITH"))
        #expect(text.contains("GRANT CONNECT ON DATABASE \(quoted) TO \(quoted);"))
        #expect(text.contains(#"\connect -reuse-previous=on "dbname='x\'\\""y'""#))
        #expect(text.contains("Left out, since psql cannot connect") == name.contains("\n"))
        for statement in script.server + script.database(isHome: true) where statement.sql.hasPrefix("DO ") {
            let tag = statement.sql.dropFirst(3).prefix { $0 != "\n" }
            #expect(statement.sql.split(separator: tag, omittingEmptySubsequences: false).count == 3)
        }
    }

    @Test(
        "texts are literals whatever is in them",
        arguments: [("a", "'a'"), ("a'b", "'a''b'"), ("a\\", " E'a\\\\'"), ("", "''"), ("é\n", "'é\n'")])
    func literals(text: String, literal: String) {
        #expect(Identifier.literal(text) == literal)
    }
}
