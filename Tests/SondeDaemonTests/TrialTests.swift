import Sonde
import Testing

@testable import SondeDaemon

@Suite("Trials of definitions, without a server")
struct TrialTests {
    /// A file, the key whose text is meant, a piece of that text, and where it stands.
    private static let places: [(text: String, piece: String, line: Int, column: Int)] = [
        ("k: one two\n", "two", 1, 8),
        ("k: 'one two'\n", "two", 1, 9),
        ("k: \"one two\"\n", "two", 1, 9),
        ("a: x\nk: |\n  one\n    two three\n", "three", 4, 9),
        ("a: x\nk: |-\r\n  one\r\n\r\n  two\r\n", "two", 5, 3),
        ("a: {b: c, k: é two}\n", "two", 1, 16),
        // What is folded or escaped is told by its beginning.
        ("k: >\n  one\n  two\n", "two", 1, 4),
        ("k: 'it''s two'\n", "two", 1, 4),
        ("k: one\n  two\n", "two", 1, 4),
    ]

    @Test("a place in a text is one in its file", arguments: places)
    func place(text: String, piece: String, line: Int, column: Int) throws {
        let bytes = Array(text.utf8)
        let document = try #require(try YAMLParser.document(in: bytes, file: "f"))
        let node = try #require(Self.value("k", in: document))
        let value = try #require(node.text)
        let start = try #require(value.firstRange(of: piece)?.lowerBound)
        let offset = value.unicodeScalars.distance(from: value.startIndex, to: start)
        let place = SourceText(bytes).place(of: offset, in: node)
        #expect(place.line == line && place.column == column)
    }

    private static func value(_ key: String, in node: YAMLNode) -> YAMLNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        for entry in entries {
            if entry.key.text == key { return entry.value }
            if let found = value(key, in: entry.value) { return found }
        }
        return nil
    }

    @Test(
        "functions that are called are found, and nothing else is",
        arguments: [
            ("count(*) FILTER (WHERE a)", ["count"]),
            ("a IN (1) AND exists (SELECT FROM t)", []),
            ("app.touch(1) + App.Touch (2)", ["app.touch", "app.touch"]),
            ("'nextval(x)' || \"odd name\"(1) -- f(x)\n|| g()", ["odd name", "g"]),
            ("/* f(/* g( */ h( */ k(1)", ["k"]),
            ("$$f(x)$$ || $a$ g($$) $a$ || h(1)", ["h"]),
            ("E'\\' f(' || g(1)", ["g"]),
            ("x.y AS z, (1)", []),
            ("'unclosed f(", []),
            ("$unclosed$ f(", []),
            ("/* unclosed f(", []),
            ("\"unclosed f(", []),
        ] as [(String, [String])])
    func calls(sql: String, expected: [String]) {
        let found = SQLCalls(sql).calls.map { call in (call.schema.map { "\($0)." } ?? "") + call.name }
        #expect(found == expected)
    }

    @Test("any text can be looked through for calls", arguments: 0..<10)
    func anyText(seed: UInt64) {
        var state = seed
        let pieces = ["'", "\"", "$", "$a$", "/*", "*/", "--", "\n", "(", ")", "f", ".", "E'", "\\", "é", " "]
        for _ in 0..<200 {
            let text = (0..<20).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return pieces[Int(state >> 33) % pieces.count]
            }.joined()
            for call in SQLCalls(text).calls { #expect(call.offset < text.unicodeScalars.count) }
        }
    }

    @Test(
        "what locks, writes or waits is warned of",
        arguments: [
            ("pg_advisory_lock", false, "lock"), ("nextval", false, "writes"), ("pg_terminate_backend", false, "acts"),
            ("pg_table_size", false, "each: true"), ("pg_table_size", true, nil), ("count", false, nil),
            ("pg_sleep", false, "waits"), ("pg_stat_reset_shared", false, "forgets"),
            ("dblink_exec", false, "another server"),
        ] as [(String, Bool, String?)])
    func rules(name: String, each: Bool, says: String?) {
        let warning = FunctionRule.warning(about: name, each: each)
        #expect((warning == nil) == (says == nil))
        if let says { #expect(warning?.contains(says) == true, "\(warning ?? "")") }
    }

    @Test(
        "a column's type must fit its unit",
        arguments: [
            (23, Unit.count, nil), (1_700, .bytes, nil), (16, .count, nil), (16, .seconds, true), (25, .count, false),
            (1_184, .timestamp, nil), (1_184, .seconds, true), (1_114, .timestamp, false), (1_186, .minutes, nil),
            (1_186, .count, true), (3_220, .bytes, nil), (3_220, .count, true), (114, .count, true),
            (790, .count, true),
            (1_009, .count, true),
        ] as [(UInt32, Unit, Bool?)])
    func types(oid: UInt32, unit: Unit, isError: Bool?) {
        #expect(ColumnType(oid: oid, name: "t").remark(in: unit)?.isError == isError)
    }

    @Test("relations that are read whole are found at any depth of a plan")
    func scans() {
        let text = """
            - Plan:
                Node Type: "Hash Join"
                Plans:
                  - Node Type: "Seq Scan"
                    Relation Name: "jobs"
                    Schema: "app"
                    Alias: "j"
                  - Node Type: "Hash"
                    Plans:
                      - Node Type: "Seq Scan"
                        Relation Name: "odd: name"
                        Schema: "app"
                      - Node Type: "Index Scan"
                        Relation Name: "other"
                        Schema: "app"
            """
        #expect(QueryPlan(text).scans.map(\.relation) == ["jobs", "odd: name"])
        #expect(QueryPlan("no plan").scans.isEmpty)
    }

    @Test("the skeleton is a definition without a fault", arguments: ["app_jobs", "x"])
    func skeleton(name: String) throws {
        let found = try DefinitionDecoder.definitions(in: Array(NewCollector.skeleton(name).utf8), file: "f")
        #expect(found.map(\.definition.name) == [name])
    }
}
