import Foundation
import Testing

/// What only superusers see: a state without the GRANT, numbers with it.
@Suite(.enabled(if: TestServers.isAvailable))
struct GrantedTests {
    private static let grants = [
        "SELECT ON pg_file_settings", "EXECUTE ON FUNCTION pg_show_all_file_settings()",
        "SELECT ON pg_hba_file_rules", "EXECUTE ON FUNCTION pg_hba_file_rules()",
        "EXECUTE ON FUNCTION pg_ls_dir(text)",
    ]
    private static let laterGrants = [
        "SELECT ON pg_ident_file_mappings", "EXECUTE ON FUNCTION pg_ident_file_mappings()",
    ]

    @Test(
        "the configuration files and the files of multixacts are shown once that is granted", arguments: TestServers.all
    )
    func granted(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "granted").0
        let names =
            ["file_settings", "hba_file_rules"] + (server.major < 19 ? ["multixact_files"] : [])
            + (server.major >= 15 ? ["ident_file_mappings"] : [])
        let bare = try PageText(try await server.once())
        for name in names {
            let states = bare.samples("pgsonde_collector_state", ["collector": name])
            #expect(states.map { $0.labels["state"] } == ["unavailable"], "\(name)")
            #expect(!bare.families.contains { $0.name.hasPrefix("pg_\(name)_") })
        }

        let grants = Self.grants + (server.major >= 15 ? Self.laterGrants : [])
        try await server.sql(grants.map { "GRANT \($0) TO monitor;\n" }.joined())
        let whole = try PageText(try await server.once())
        try await Self.compare(whole, with: server)
        #expect(whole.samples("pg_file_settings_errors").map(\.value) == [0])
        #expect(whole.samples("pg_hba_file_rules_errors").allSatisfy { $0.value == 0 })
        if server.major >= 15 { #expect(whole.value("pg_ident_file_mappings_errors") == 0) }

        // Lines that are wrong, and one that waits for a restart; the server goes on with what it had loaded.
        let data = try await server.sql("SHOW data_directory")
        for (file, lines) in [
            ("postgresql.conf", "max_connections = 101\nwork_mem = '5MB'\n"), ("postgresql.conf", "no_such = 1\n"),
            ("pg_hba.conf", "host all all all no_such_method\n"), ("pg_ident.conf", "good system role\nbad\n"),
        ] {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(data)/\(file)"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(lines.utf8))
            try handle.close()
            guard file != "pg_ident.conf" || server.major >= 15 else { continue }
            let page = try PageText(try await server.once())
            try await Self.compare(page, with: server)
            let family = ["postgresql.conf": "file_settings", "pg_hba.conf": "hba_file_rules"][file]
            let found = page.samples("pg_\(family ?? "ident_file_mappings")_errors").map(\.value)
            #expect(found.reduce(0, +) == 1, "\(file)")
        }
    }

    private static func compare(_ page: PageText, with server: PageServer) async throws {
        for (family, sql) in [
            ("pg_file_settings_lines", "count(*) FROM pg_file_settings"),
            ("pg_file_settings_errors", "count(error) FROM pg_file_settings"),
            ("pg_hba_file_rules_rules", "count(*) FILTER (WHERE error IS NULL) FROM pg_hba_file_rules"),
            ("pg_hba_file_rules_errors", "count(error) FROM pg_hba_file_rules"),
            ("pg_multixact_files_bytes", "262144 * count(*) FROM pg_ls_dir('pg_multixact/members')"),
            ("pg_multixact_files_members", "52352 * count(*) FROM pg_ls_dir('pg_multixact/members')"),
            (
                "pg_multixact_files_members_remaining_ratio",
                "1 - 52352 * count(*) / 4294967296.0 FROM pg_ls_dir('pg_multixact/members')"
            ),
        ] where server.major < 19 || !family.hasPrefix("pg_multixact_files_") {
            let wanted = try await server.number(sql)
            let found = page.samples(family).map(\.value).reduce(0, +)
            #expect((found - wanted).magnitude < 1e-9, "\(family): \(found), \(wanted)")
            #expect(!page.samples(family).isEmpty, "\(family)")
        }
    }
}
