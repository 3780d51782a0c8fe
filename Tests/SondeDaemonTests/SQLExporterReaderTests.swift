import Sonde
import Testing

@testable import SondeDaemon

@Suite("collectors of sql_exporter")
struct SQLExporterReaderTests {
    private static func read(_ text: String) throws -> [ForeignQuery] {
        try ForeignFile(Array(text.utf8), named: "c.yml", discovers: false).queries
    }

    private static let shop = """
        collector_name: shop
        min_interval: 30s
        metrics:
          - metric_name: shop_orders
            type: gauge
            help: Orders
            key_labels: [state]
            values: [orders]
            query_ref: orders
          - metric_name: shop_items_total
            type: counter
            help: Items
            key_labels: [state]
            values: [items]
            query_ref: orders
          - metric_name: shop_io_total
            type: counter
            help: Reads and writes
            value_label: operation
            values: [read, write]
            static_labels: {part: "a'b"}
            query: SELECT read, write FROM io;
          - metric_name: shop_info
            type: gauge
            key_labels: [version]
            static_value: 1
            query: SELECT version FROM shop
        queries:
          - query_name: orders
            query: SELECT state, orders, items FROM orders
        """

    @Test("metrics of one query are one definition, and keep their names, labels and types")
    func together() throws {
        let first = try #require(try Self.read(Self.shop).first?.definition)
        #expect(first.name == "shop" && first.timing.every == .seconds(30) && first.per == .server)
        #expect(first.query?.everywhere == "SELECT state, orders, items FROM orders")
        #expect(first.metrics.map(\.name) == ["shop_orders", "shop_items_total"])
        #expect(first.metrics.map(\.kind) == [.gauge, .counter])
        #expect(first.metrics.map(\.labels) == [["state"], ["state"]])
    }

    @Test("several values become rows with a label that tells them apart, and fixed labels stay")
    func values() throws {
        let queries = try Self.read(Self.shop)
        #expect(queries.count == 3 && queries.allSatisfy { $0.notes == [] })
        let second = try #require(queries[1].definition)
        #expect(second.metrics.map(\.name) == ["shop_io_total"])
        #expect(second.metrics.first?.labels == ["part", "operation"])
        let text = second.query?.everywhere ?? ""
        #expect(text.contains("'a''b' AS \"part\""))
        #expect(text.contains("(VALUES ('read', q.\"read\"::float8), ('write', q.\"write\"::float8))"))
    }

    @Test("a fixed value is one in every row")
    func fixed() throws {
        let third = try #require(try Self.read(Self.shop).last?.definition)
        #expect(third.metrics.map(\.name) == ["shop_info"])
        #expect(third.query?.everywhere?.contains("'1'::float8 AS \"static_value\"") == true)
    }

    @Test("a list of collectors is read as each of them, beside whatever else is in the file")
    func list() throws {
        let text = """
            global: {scrape_timeout: 10s}
            collectors:
              - {collector_name: a, metrics: [{metric_name: a_x, type: gauge, values: [x], query: SELECT 1 AS x}]}
              - {collector_name: b, metrics: [{metric_name: b_x, type: gauge, values: [x], query: SELECT 1 AS x}]}
            """
        #expect(try Self.read(text).map(\.name) == ["a", "b"])
    }

    @Test(
        "each mistake is told with its place and what to do",
        arguments: [
            ("collector_name: a\nmetrics: [{type: gauge}]", "2:11: a metric needs the key \"metric_name\": add it"),
            (
                "collector_name: a\nmetrics: [{metric_name: x, type: sum}]",
                "2:34: x: write type: counter or type: gauge"
            ),
            (
                "collector_name: a\nmetrics: [{metric_name: x, type: gauge, values: [y], query_ref: z}]",
                "2:65: x has no query: write query, or query_ref with one of queries"
            ),
            (
                "collector_name: a\nmetrics: [{metric_name: x, type: gauge, query: SELECT 1}]",
                "2:11: x has no values: write the name of a column"
            ),
            (
                "collector_files: [a.yml]",
                "1:18: the collectors are in the files that collector_files names: convert those"
            ),
        ])
    func mistakes(text: String, problem: String) {
        #expect(told { _ = try Self.read(text) } == ["c.yml:\(problem)"])
    }
}
