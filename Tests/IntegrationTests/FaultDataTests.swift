import Testing

/// Whatever a database can hold, the page is valid, and only what is wrong is missing.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultDataTests {
    private static let odd = """
        name: odd
        help: Values of every kind (VALUES).
        from: >-
          (VALUES
          (1, 'NaN'::float8::text, 'NaN'::numeric), (2, NULL, 2), (3, 'void', NULL), (4, 'x', '-Infinity'),
          (5, E'a\\nb"\\\\', repeat('9', 1000)::numeric), (6, 'é🐘', ('0.' || repeat('1', 1000))::numeric),
          (7, 'same', 7), (8, 'same', 8), (9, 'zero', -0.0), (10, repeat('long', 5000), 10)
          ) v (id, name, value)
        columns:
          - {label: name, sql: v.name}
          - {gauge: value, sql: v.value, help: A value (VALUES).}
          - {counter: events_total, sql: "-v.id", help: A negative counter (VALUES).}
          - {gauge: nothing, sql: "NULL::int", help: Nothing at all (NULL).}
          - {gauge: words, sql: "'no number'::text", help: No number (a text).}
          - {gauge: ratio, sql: "v.id / 'Infinity'::float8", help: Nothing left (VALUES).}
          - {gauge: time_timestamp_seconds, sql: "CASE v.id WHEN 1 THEN 'infinity' WHEN 3 THEN '-infinity' WHEN 4 THEN '294276-12-31' WHEN 6 THEN '4713-01-01 BC' END::timestamptz", help: A time (VALUES).}
          - {gauge: lasting_seconds, sql: "CASE v.id WHEN 1 THEN interval '-178000000 years' WHEN 3 THEN interval '1 mon -1 day' END", help: A time (VALUES).}
        """

    private static let empty = """
        name: empty
        help: No rows (pg_class).
        from: pg_class WHERE false
        columns:
          - {label: relname, sql: relname}
          - {gauge: value, sql: reltuples, help: Nothing (pg_class.reltuples).}
        """

    @Test("NULL, NaN, infinities, 1 000 digits, negative counters, duplicates and no rows at all")
    func values() async throws {
        let fault = try await FaultStage.server()
        let lines = fault.log.count
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server(fault)], onlyFast: true, more: "collectors_dir: collectors.d"
        ).text
        let files = ["collectors.d/odd.yaml": Self.odd, "collectors.d/empty.yaml": Self.empty]
        try await withDaemon(text, files: files) { daemon in
            let page = try await daemon.page("both have run") { page in
                ["odd", "empty"].allSatisfy { page.value("pgsonde_collector_success", ["collector": $0]) == 1 }
            }
            #expect(try await PageCheck.findings(try await daemon.get("/metrics").text, lint: "off") == "")
            let value = { (name: String) in page.samples("pg_odd_value", ["name": name]).first?.text }
            #expect(value("NaN") == "NaN")
            #expect(value("x") == "-Inf")
            #expect(value("a\nb\"\\") == "+Inf", "1 000 digits are more than a double holds")
            #expect(value("é🐘")?.hasPrefix("0.1111") == true)
            #expect(value("same") == "7", "the first of two equal ones")
            #expect(value("") == "2", "the label of NULL is empty")
            #expect(value("void") == nil, "NULL is no sample")
            #expect(page.samples("pg_odd_events_total", ["name": "zero"]).map(\.value) == [-9])
            for name in ["pg_odd_nothing", "pg_odd_words", "pg_empty_value"] {
                #expect(page[name]?.samples.isEmpty ?? true, "\(name)")
            }
            #expect((page.value("pgsonde_collector_duplicate_samples_total", ["collector": "odd"]) ?? 0) > 0)
            #expect((page.value("pgsonde_collector_unreadable_values_total", ["collector": "odd"]) ?? 0) >= 10)
            #expect(page.value("pgsonde_collector_rows", ["collector": "empty"]) == 0)
        }
        let errors = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") && $0.contains("ERROR:") }
        #expect(errors == [])
    }
}
