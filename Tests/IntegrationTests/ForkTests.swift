import Testing

/// Views of our own stand for those of a fork, or of a beta, in which a column is not, or not any more.
@Suite(.enabled(if: TestServers.isAvailable))
struct ForkTests {
    struct Loss: Sendable, CustomTestStringConvertible {
        let collector: String
        let view: String
        let column: String
        /// The families that go with it.
        let families: Set<String>

        var testDescription: String { "\(view).\(column)" }
    }

    private static let losses = [
        Loss(
            collector: "database", view: "pg_stat_database", column: "deadlocks",
            families: ["pg_database_deadlocks_total"]),
        Loss(
            collector: "activity", view: "pg_stat_activity", column: "backend_xmin",
            families: ["pg_activity_oldest_backend_xmin_age"]),
        Loss(collector: "locks", view: "pg_locks", column: "fastpath", families: ["pg_locks_fastpath"]),
        Loss(
            collector: "gssapi", view: "pg_stat_gssapi", column: "encrypted",
            families: ["pg_gssapi_encrypted_sessions"]),
        Loss(
            collector: "role_attributes", view: "pg_roles", column: "rolbypassrls",
            families: ["pg_role_attributes_bypassrls"]),
        // A label: the rows that it set apart are counted together.
        Loss(collector: "ssl", view: "pg_stat_ssl", column: "cipher", families: []),
    ]

    @Test("a column that a view lacks costs its metric, and nothing else", arguments: TestServers.all)
    func missing(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "fork").0
        try await server.sql("CREATE SCHEMA fork; GRANT USAGE ON SCHEMA fork TO monitor")
        var files: [String: String] = [:]
        for loss in Self.losses {
            try await server.sql(
                """
                SELECT format('CREATE VIEW fork.%I AS SELECT %s FROM pg_catalog.%1$I', '\(loss.view)',
                string_agg(quote_ident(attname), ', ' ORDER BY attnum)) FROM pg_attribute
                WHERE attrelid = 'pg_catalog.\(loss.view)'::regclass AND attnum > 0 AND attname <> '\(loss.column)' \\gexec
                GRANT SELECT ON ALL TABLES IN SCHEMA fork TO monitor;
                """)
            let definition = try await PageServer.definition(loss.collector)
            let forked = definition.replacing("\(loss.view) AS", with: "fork.\(loss.view) AS")
            #expect(forked != definition)
            files[loss.collector] = forked
        }
        let whole = try PageText(try await server.once())
        let page = try await server.once(collectors: files)
        let lost = Set(whole.families.map(\.name)).subtracting(page.families.map(\.name))
        let wanted = Self.losses.reduce(into: Set<String>()) { $0.formUnion($1.families) }
        #expect(lost.filter { !$0.hasPrefix("pgsonde_") } == wanted)
        for loss in Self.losses {
            let states = page.samples("pgsonde_collector_state", ["collector": loss.collector])
            #expect(states.map { $0.labels["state"] } == ["ok"], "\(loss)")
        }
        #expect(page.samples("pg_ssl_sessions").allSatisfy { $0.labels["cipher"] == nil })
        #expect(page.value("pg_ssl_sessions", ["usename": "monitor"]) ?? 0 >= 1)
        // Nothing went that should not have: each of the rest has as many samples as on the whole page.
        for family in ["pg_database_xact_commit_total", "pg_role_attributes_login", "pg_gssapi_authenticated_sessions"]
        {
            #expect(page.samples(family).count == whole.samples(family).count, "\(family)")
            #expect(!page.samples(family).isEmpty)
        }
    }

    @Test("without its view a definition is unavailable, and the others are as before")
    func gone() async throws {
        let test = try #require(TestServers.all.last)
        let server = try await PageServer.fresh(test.major, "gone").0
        let definition = try await PageServer.definition("locks").replacing("pg_locks AS", with: "pg_no_locks AS")
        let page = try await server.once(collectors: ["locks": definition])
        let states = page.samples("pgsonde_collector_state", ["collector": "locks"])
        #expect(states.map { $0.labels["state"] } == ["unavailable"])
        #expect(page["pg_locks_granted"] == nil)
        #expect(page.value("pgsonde_collector_success", ["collector": "blocking"]) == 1)
    }
}
