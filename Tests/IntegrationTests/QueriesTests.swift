import Foundation
import Testing

/// The queries of postgres_exporter's users: read as they are, and converted.
@Suite(.enabled(if: TestServers.isAvailable))
struct QueriesTests {
    private static let queries = """
        app_item:
          query: SELECT current_database() AS datname, count(*) AS rows, now() AS at FROM sql_features;
          metrics:
            - datname: {usage: LABEL, description: Name of the database}
            - rows: {usage: GAUGE, description: Rows of the view}
        pg_waits:
          query: "SELECT true AS ok, 'up'::text AS state, '1m30s'::text AS took, 7 AS plain, ARRAY[0.5, 1000000] AS size,
            ARRAY[1, 3] AS size_bucket, 12.5 AS size_sum, 4 AS size_count, NULL::int AS none"
          master: true
          metrics:
            - ok: {usage: LABEL}
            - state: {usage: MAPPEDMETRIC, metric_mapping: {down: 0, up: 1}, description: State}
            - took: {usage: DURATION, description: Time}
            - plain: {usage: DURATION, description: Time}
            - "no": {usage: LABEL}
            - size: {usage: HISTOGRAM, description: Sizes}
            - none: {usage: GAUGE, description: Nothing}
        pg_old: {query: SELECT 1 AS x, runonserver: "<13.0.0", metrics: [{x: {usage: GAUGE}}]}
        pg_database: {query: SELECT 1 AS size_bytes, metrics: [{size_bytes: {usage: GAUGE, description: Clash}}]}
        broken: {query: SELECT nope FROM nowhere, metrics: [{nope: {usage: GAUGE}}]}
        """

    private func run(
        _ server: PageServer, _ flags: [String], files: [String: String]
    ) async throws -> DaemonProgram.Result {
        try await DaemonProgram.run(
            flags,
            environment: [
                "DATA_SOURCE_NAME": server.keywords.replacing("dbname=postgres", with: "dbname=shop")
                    + " options='-c search_path=information_schema'"
            ], files: files)
    }

    @Test(
        "give the series that postgres_exporter gives, with its label server and without what is broken there",
        arguments: PageServers.all)
    func direct(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let result = try await run(
            server, ["once", "--extend.query-path={folder}/queries.yaml"], files: ["queries.yaml": Self.queries])
        #expect(result.code == 0, "\(result.error)")
        #expect(try await PageCheck.findings(result.output, lint: "off") == "")
        let page = try PageText(result.output)
        let name = "\(server.host):\(server.port)"
        #expect(page.value("app_item_rows", ["datname": "shop", "server": name]) ?? 0 > 100)
        #expect(page["app_item_rows"]?.help == "Rows of the view")
        #expect(page["app_item_at"]?.type == "untyped" && page.samples("app_item_at").count == 1)
        #expect(page.samples("pg_waits_state").isEmpty && page.samples("pg_waits_took_milliseconds").isEmpty)
        #expect(page.value("pg_waits_plain_milliseconds", ["ok": "true", "server": name, "no": "true"]) == 7)
        #expect(page.value("pg_waits_size", ["le": "1e+06"]) == 3)
        #expect(page.value("pg_waits_size", ["le": "0.5", "ok": "true"]) == 1)
        #expect(page.samples("pg_waits_size").first { $0.name == "pg_waits_size_sum" }?.value == 12.5)
        #expect(page.samples("pg_waits_none").isEmpty)
        #expect(page.value("pg_old_x", ["server": name]) == 1)
        let loaded = page.samples("pg_exporter_user_queries_load_error")
        #expect(loaded.map(\.value) == [0])
        #expect(loaded.first?.labels["filename"]?.hasSuffix("/queries.yaml") == true)
        #expect(loaded.first?.labels["hashsum"]?.count == 64)
        #expect(page.samples("pg_database_size_bytes").count > 1)
        #expect(
            page.value("pgsonde_collector_state", ["collector": "broken", "state": "unavailable"]) == 1)
    }

    @Test("convert to a file that gives the same", arguments: PageServers.all.prefix(1))
    func converted(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let written = try await run(
            server, ["convert", "{folder}/queries.yaml", "--names", "both"], files: ["queries.yaml": Self.queries])
        #expect(written.code == 0 && written.error == "")
        let configuration = "names: both\ncollectors_dir: d\n"
        let page = try PageText(
            try await run(
                server, ["once", "--config.file={folder}/main.conf"],
                files: ["d/converted.yaml": written.output, "main.conf": configuration]
            ).output)
        #expect(page.value("app_item_rows", ["datname": "shop"]) ?? 0 > 100)
        #expect(page.value("pg_waits_state", ["ok": "true"]) == 1)
        let bad = try await run(server, ["convert", "{folder}/x"], files: ["x": "a:\n  query: [1]\n"])
        #expect(bad.code == 1 && bad.error.contains("x:2:10: query is a list where a text is needed"))
        #expect(try await run(server, ["convert", "--from", "nobody", "x"], files: [:]).code == 2)
        #expect(try await run(server, ["convert"], files: [:]).code == 2)
    }

    @Test("a file that cannot be read costs itself, and says so", arguments: PageServers.all.prefix(1))
    func unreadable(major: Int, isStandby: Bool) async throws {
        let server = try await PageServers.shared.server(major, isStandby: isStandby)
        let result = try await run(
            server, ["once", "--extend.query-path={folder}/queries.yaml"], files: ["queries.yaml": "a: ["])
        #expect(result.code == 0 && result.error.contains("queries.yaml:"), "\(result.error)")
        #expect(try PageText(result.output).value("pg_up") == 1)
        #expect(try PageText(result.output).value("pg_exporter_user_queries_load_error") == 1)
    }
}
