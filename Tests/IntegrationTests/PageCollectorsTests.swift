import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct PageCollectorsTests {
    @Test("files of the user's folder add a collector, replace one, and cost only themselves where they are wrong")
    func folder() async throws {
        let server = try #require(TestServers.all.last)
        let files = [
            "collectors.d/app.yaml": """
            name: app_numbers
            help: Numbers of the test (generate_series()).
            from: generate_series(1, 3) AS n
            columns:
              - {label: which, sql: "'n' || n"}
              - {gauge: value_bytes, sql: n * 2, in: kilobytes, help: Twice the number (generate_series())}
              - {counter: seen_total, sql: n, help: The number (generate_series())}
              - {gauge: nothing, sql: "NULL::int", help: Never there (nowhere)}
            """,
            "collectors.d/replaced.yaml": """
            name: archiver
            help: Archiving, otherwise (pg_stat_archiver).
            from: pg_stat_archiver
            columns:
              - {gauge: own_files, sql: archived_count, help: Files archived (pg_stat_archiver.archived_count)}
            """,
            "collectors.d/broken.yaml": "name: broken\nhelp: Broken.\nfrom: pg_class\ncolums: []\n",
            "collectors.d/wrong.yaml": """
            name: app_wrong
            help: A column that there is not (pg_class).
            from: pg_class LIMIT 1
            columns:
              - {gauge: good, sql: "1", help: There (pg_class)}
              - {gauge: bad, sql: no_such_column, help: Not there (pg_class)}
            """,
        ]
        let configuration = """
            servers:
              - {name: main, dsn: "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres"}
            collectors_dir: collectors.d
            """
        try await withDaemon(configuration, files: files) { daemon in
            let page = try await daemon.page("the collectors ran") {
                $0.value("pgsonde_collector_success", ["collector": "app_wrong"]) == 1
                    && $0.value("pgsonde_collector_success", ["collector": "app_numbers"]) == 1
            }
            #expect(page.samples("pg_app_numbers_value_bytes").map(\.value) == [2_048, 4_096, 6_144])
            #expect(page.value("pg_app_numbers_seen_total", ["which": "n3"]) == 3)
            #expect(page["pg_app_numbers_seen_total"]?.type == "counter")
            #expect(page["pg_app_numbers_nothing"] == nil)
            #expect(page["pg_archiver_own_files"] != nil)
            #expect(page["pg_archiver_archived_count_total"] == nil)
            #expect(page.value("pg_app_wrong_good") == 1)
            #expect(page["pg_app_wrong_bad"] == nil)
            #expect(daemon.log.contains("collectors.d/broken.yaml:4:1"))
            #expect(daemon.log.contains("replaces the collector archiver"))
            #expect(page.samples("pgsonde_collector_state", ["collector": "broken"]).isEmpty)
            #expect(page.value("pgsonde_collector_success", ["collector": "database"]) == 1)
            #expect(try await PageCheck.findings(try await daemon.get("/metrics").text) == "")
        }
    }
}
