import Sonde
import Testing

@testable import SondeDaemon

@Suite("Definitions of whole queries in YAML")
struct DefinitionQueryTests {
    private static let definition = Definition(
        "shop", help: "Sales.", query: ["1.18": "SHOW A", "1.20": "SHOW B"],
        columns: [
            .label("kind", "kind"), .gauge("items", "n", help: "A."),
            .gauge("size_bytes", ["1.18": "old", "1.20": "new"], in: .bytes, help: "B."),
        ], kind: .pgbouncer)

    private static let text = """
        name: shop
        help: Sales.
        query:
          1.18: SHOW A
          1.20: SHOW B
        columns:
          - label: kind
          - gauge: items
            sql: 'n'
            help: A.
          - gauge: size_bytes
            sql:
              1.18: old
              1.20: new
            in: bytes
            help: B.
        kind: pgbouncer

        """

    @Test("are written without what goes without saying, and read back as they were")
    func roundTrip() throws {
        #expect(DefinitionEncoder.text(Self.definition) == Self.text)
        let found = try DefinitionDecoder.definitions(in: Array(Self.text.utf8), file: "f")
        #expect(found.map(\.definition) == [Self.definition])
    }

    @Test("are for PostgreSQL unless they say otherwise")
    func postgresql() throws {
        let text = "{name: a, help: h, query: SELECT 1 AS x, columns: [{gauge: x, help: h}]}"
        let found = try DefinitionDecoder.definitions(in: Array(text.utf8), file: "f")
        #expect(
            found.map(\.definition) == [
                Definition("a", help: "h", query: "SELECT 1 AS x", columns: [.gauge("x", "x", help: "h")])
            ])
    }

    @Test(
        "each mistake is told with its place",
        arguments: [
            (
                "name: a\nhelp: h\ncolumns: [{gauge: x, sql: x, help: h}]",
                "1:1: a definition needs the key \"from\": add it"
            ),
            (
                "name: a\nhelp: h\nfrom: t\nquery: TABLE x\ncolumns: [{gauge: x, help: h}]",
                "4:8: from and query exclude each other"
            ),
            (
                "name: a\nhelp: h\nfrom: t\ncolumns:\n  - {gauge: x, help: h}",
                "5:5: column x needs the key \"sql\": add it"
            ),
            (
                "name: a\nhelp: h\nquery: x\nkind: pgbounce\ncolumns: [{gauge: x, help: h}]",
                "4:7: kind: \"pgbounce\" is unknown: did you mean \"pgbouncer\"?"
            ),
            (
                "name: a\nhelp: h\nquery: SHOW x\nkind: pgbouncer\nper: database\ncolumns: [{gauge: x, help: h}]",
                "5:6: per means nothing to PgBouncer: remove it"
            ),
            (
                "name: a\nhelp: h\nquery: RELOAD\nkind: pgbouncer\ncolumns: [{gauge: x, help: h}]",
                "3:8: query must begin with SHOW"
            ),
            ("name: a\nhelp: h\nquery: [x]\ncolumns: [{gauge: x, help: h}]", "3:8: query is a list: write a text,"),
        ])
    func mistakes(text: String, expected: String) {
        let found = told { _ = try DefinitionDecoder.definitions(in: Array(text.utf8), file: "f") }
        #expect(found.count == 1 && found.first?.hasPrefix("f:\(expected)") == true, "\(found)")
    }
}
