import Sonde
import Testing

@testable import SondeDaemon

@Suite("Definition files")
struct DefinitionFileTests {
    private static let small = "name: a\nhelp: h\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]\n"

    @Test("what is left out is at its default")
    func defaults() throws {
        let expected = Definition("a", help: "h", from: "t", columns: [.gauge("x", "x", help: "h")])
        #expect(try read(Self.small) == [expected])
    }

    @Test("a file holds one definition, a list of them, or several documents of either")
    func several() throws {
        let item = Self.small.replacing("\n", with: "\n  ")
        let list = "- \(item)\n- \(item.replacing("name: a", with: "name: b"))\n"
        let found = try DefinitionDecoder.definitions(
            in: Array("---\n\(Self.small)---\n---\n\(list)".utf8), file: "f")
        #expect(found.map(\.definition.name) == ["a", "a", "b"])
        #expect(found.map(\.line) == [2, 8, 13])
    }

    @Test("versions are what was written, not numbers with a point")
    func versions() throws {
        let text = Self.small.replacing("sql: x", with: "sql: {1.9: a, 1.10: b, '17': null}")
        let sql = try #require(try read(text).first?.columns.first?.sql)
        #expect(sql == ["1.9": "a", "1.10": "b", 17: nil])
        #expect(sql.text(for: "1.9") == "a")
        #expect(sql.text(for: "1.10") == "b")
    }

    @Test("each mistake is told with its place and what to do", arguments: mistakes)
    func mistake(_ change: (String, String), _ expected: [String]) {
        let text = change.0.isEmpty ? change.1 : Self.small.replacing(change.0, with: change.1)
        #expect(told { _ = try read(text) } == expected.map { "collectors.d/x.yaml:\($0)" })
    }

    private static let mistakes: [((String, String), [String])] = [
        (("", ""), [" there is no definition in it: write one, or remove the file"]),
        (("", "# nothing\n---\n"), [" there is no definition in it: write one, or remove the file"]),
        (("", "[]\n"), [" there is no definition in it: write one, or remove the file"]),
        (("", "text\n"), ["1:1: a definition is a text where a mapping is needed: write keys and values, one a line"]),
        (("", "-\n"), ["1:2: a definition is nothing where a mapping is needed: write keys and values, one a line"]),
        (
            ("", "{}\n"),
            [
                "1:1: a definition needs the key \"name\": add it", "1:1: a definition needs the key \"help\": add it",
                "1:1: a definition needs the key \"from\": add it",
                "1:1: a definition needs the key \"columns\": add it",
            ]
        ),
        (
            ("from: t", "frm: t"),
            [
                "1:1: a definition needs the key \"from\": add it",
                "3:1: unknown key \"frm\" in a definition: did you mean \"from\"?",
            ]
        ),
        (
            ("from: t", "from: t\nlimits: 100"),
            ["4:1: unknown key \"limits\" in a definition: did you mean \"limit\"?"]
        ),
        (
            ("gauge: x", "guage: x"),
            [
                "4:11: a column has no kind: write one of label, gauge, counter, untyped, histogram, info, stateset, with its name",
                "4:12: unknown key \"guage\" in a column: did you mean \"gauge\"?",
            ]
        ),
        (
            ("gauge: x", "histogram: x"),
            [
                "4:11: column x needs the key \"buckets\": add it", "4:11: column x needs the key \"sum\": add it",
                "4:11: column x needs the key \"count\": add it",
            ]
        ),
        (("help: h}", "help: h, sum: s}"), ["4:44: sum is for histograms: remove the key"]),
        (
            ("gauge: x", "summary: x"),
            [
                "4:11: a column has no kind: write one of label, gauge, counter, untyped, histogram, info, stateset, with its name",
                "4:12: unknown key \"summary\" in a column: write one of label, gauge, counter, untyped, histogram, info, stateset, sql, "
                    + "bounds, buckets, sum, count, states, in, other, help, metric",
            ]
        ),
        (
            ("gauge: x", "gauge: x, counter: y"),
            [
                "4:11: a column has two kinds: write one of label, gauge, counter, untyped, histogram, info, stateset, with its name"
            ]
        ),
        (
            ("gauge: x", "type: gauge, gauge: x"),
            ["4:12: unknown key \"type\" in a column: write the kind as the key, as in \"gauge: connections\""]
        ),
        ((", sql: x", ""), ["4:11: column x needs the key \"sql\": add it"]),
        ((", help: h}", "}"), ["4:11: column x needs the key \"help\": add a sentence that names view and column"]),
        (
            ("]", ", {label: l, sql: l, in: bytes}]"),
            ["4:63: a label has no unit: remove the key \"in\""]
        ),
        (
            ("sql: x", "sql: x, in: milisecs"),
            [
                "4:34: in: \"milisecs\" is unknown: write one of count, seconds, milliseconds, microseconds, minutes, bytes, kilobytes, megabytes, pages, timestamp, ratio, percent"
            ]
        ),
        (("sql: x", "sql: x, in: second"), ["4:34: in: \"second\" is unknown: did you mean \"seconds\"?"]),
        (("sql: x", "sql: {13: a, 13.0: b}"), ["4:35: version 13 is there already, in line 4: remove one of them"]),
        (("sql: x", "sql: {v13: a}"), ["4:28: \"v13\" is not a version: write one like 17 or 1.10"]),
        (("sql: x", "sql: {1.2.3: a}"), ["4:28: \"1.2.3\" is not a version: write one like 17 or 1.10"]),
        (
            ("sql: x", "sql: {99999999999999999999: a}"),
            ["4:28: \"99999999999999999999\" is not a version: write one like 17 or 1.10"]
        ),
        (("sql: x", "sql: {}"), ["4:27: sql has no version: write one, as in 13: a_column"]),
        (("sql: x", "sql: [a]"), ["4:27: sql is a list: write a text, or a mapping from versions to texts"]),
        (("sql: x", "sql: {13: [a]}"), ["4:32: sql of version 13 is a list where a text is needed: write one"]),
        (("sql: x", "sql: ~"), ["4:27: sql is nothing where a text is needed: write one, or remove the key"]),
        (("from: t", "from: 't; COMMIT'"), ["3:7: what follows the semicolon is a second statement: keep one"]),
        (("sql: x", "sql: 'x; y'"), ["4:27: what follows the semicolon is a second statement: keep one"]),
        (
            ("from: t", "query: 'SELECT 1 AS x; COMMIT; DELETE FROM t'"),
            ["3:8: what follows the semicolon is a second statement: keep one"]
        ),
        (
            ("from: t", "query: {13: SELECT 1 AS x, 17: '/* SELECT */ DO $$ BEGIN END $$'}"),
            ["3:8: query must begin with SELECT or WITH or VALUES or TABLE or SHOW"]
        ),
        (("sql: x", "sql: ' '"), ["4:27: x: SQL cannot be empty"]),
        (
            ("columns: [{gauge: x, sql: x, help: h}]", "columns: x"),
            ["4:10: columns is a text where a list is needed: begin each item by \"- \""]
        ),
        (
            ("columns: [{gauge: x, sql: x, help: h}]", "columns: []"),
            ["1:1: it has no metric; add a gauge, counter or info column"]
        ),
        (
            ("columns: [{gauge: x, sql: x, help: h}]", "columns: [x, null]"),
            [
                "4:11: a column is a text where a mapping is needed: write keys and values, one a line",
                "4:14: a column is nothing: write one, as in \"gauge: connections\"",
            ]
        ),
        (
            ("gauge: x", "gauge: x, metric: pg_up"),
            ["4:42: pg_up is a name that pgsonde itself shows: choose another"]
        ),
        (
            ("name: a", "name: A-b"),
            [
                "1:7: name must be of lower-case letters, digits and _",
                "4:27: pg_A-b_x is not a metric name: write letters, digits and _",
            ]
        ),
        (
            ("from: t", "from: t\nper: cluster"),
            ["4:6: per: \"cluster\" is unknown: write one of server, database, anywhere"]
        ),
        (("from: t", "from: t\non: master"), ["4:5: on: \"master\" is unknown: write one of any, primary, standby"]),
        (("from: t", "from: t\ncost: haevy"), ["4:7: cost: \"haevy\" is unknown: did you mean \"heavy\"?"]),
        (("from: t", "from: t\nevery: 0s"), ["4:8: every is 0s: write a duration from 100ms to 366d"]),
        (("from: t", "from: t\naxis: {}"), ["4:7: axis names no extension: write server, or the name of an extension"]),
        (
            ("from: t", "from: t\naxis: {extensions: a}"),
            [
                "4:7: axis names no extension: write server, or the name of an extension",
                "4:8: unknown key \"extensions\" in axis: did you mean \"extension\"?",
            ]
        ),
        (
            ("from: t", "from: t\nrequires: {roles: a}"),
            ["4:12: unknown key \"roles\" in requires: write one of extensions, privileges, settings, relations"]
        ),
        (
            ("from: t", "from: t\nrequires: {privileges: [DELETE ON t], settings: {a b: on}, relations: [a.b.c]}"),
            [
                """
                4:25: requires: "DELETE ON t" is not a privilege that can be asked for: write it as GRANT has it, SELECT ON \
                schema.relation, EXECUTE ON FUNCTION schema.name(types) or USAGE ON SCHEMA name
                """,
                "4:50: requires: \"a b\" is not the name of a setting",
                "4:72: requires: \"a.b.c\" is not the name of a relation",
            ]
        ),
        (
            ("from: t", "from: t\nlimit: {rows: many, by: x, top: 3}"),
            [
                "4:15: rows is \"many\": write a whole number from 0 to 2147483647",
                "4:28: unknown key \"top\" in limit: write one of rows, per_server, by, since, cap, series",
            ]
        ),
        (("from: t", "from: t\nlimit: {series: 0}"), ["4:17: series is \"0\": write a whole number from 1 to 1000000"]),
        (
            ("from: t", "from: t\nlimit: {series: 5, cap: 3}"),
            ["4:8: limit needs the key \"rows\": add it", "4:8: limit needs the key \"by\": add it"]
        ),
        (
            ("from: t", "from: t\nevery: 10s\ntimeout: 11s"),
            ["5:10: timeout is longer than every: write at most 10s, or a longer every"]
        ),
        (
            ("from: t", "from: t\nevery: 2m\nexpire: 119s"),
            ["5:9: expire is shorter than every, so that numbers would come and go: write at least 2m"]
        ),
        (
            (
                "columns: [{gauge: x, sql: x, help: h}]",
                "columns: [{label: le, sql: x}, {gauge: x, sql: x, help: h}, {gauge: y, sql: y, help: h}]"
            ),
            ["4:28: le cannot be a label's name"]
        ),
        (
            ("from: t", "from: t\nlimit: {rows: 5, by: y}"),
            ["4:22: by: \"y\" is no gauge, counter or untyped column: did you mean \"x\"?"]
        ),
        (
            ("from: t", "from: t\nlimit: {rows: 5, by: [x, waitng]}"),
            ["4:26: by: \"waitng\" is no gauge, counter or untyped column: write one of x"]
        ),
        (("from: t", "from: t\nlimit: {rows: 5, by: x}"), ["4:8: limit needs a label"]),
        (
            ("from: t", "from: t\naxis: sever"),
            ["4:7: axis: \"sever\": did you mean \"server\"? An extension of that name is {extension: sever}"]
        ),
        (("gauge: x", "gauge: X-y"), ["4:29: pg_a_X-y is not a metric name: write letters, digits and _"]),
        (
            ("]", ", {gauge: x, sql: y, help: h}]"),
            ["4:27: x is the name of two columns"]
        ),
        (
            ("from: t", "from: t\nlimit: 100"),
            ["4:8: limit is a text where a mapping is needed: write keys and values, one a line"]
        ),
        (("from: t", "from: t\ngroup: yes"), ["4:8: group is \"yes\": write true"]),
    ]

    private func read(_ text: String) throws -> [Definition] {
        try DefinitionDecoder.definitions(in: Array(text.utf8), file: "collectors.d/x.yaml").map(\.definition)
    }
}
