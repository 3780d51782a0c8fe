import NIOCore
import Sonde
import Testing

@testable import SondeDaemon

@Suite("The store")
struct StoreTests {
    private let now = ContinuousClock.now
    private let store: Store

    init() throws {
        let one = Definition(
            "one", help: "h", from: "t", columns: [.gauge("a", "1", help: "A."), .gauge("b", "1", help: "B.")])
        let two = Definition("two", help: "h", from: "t", columns: [.counter("c_total", "1", help: "C.")])
        store = Store(try Registry([Registry.Entry(one), Registry.Entry(two)]))
    }

    private func page(at time: ContinuousClock.Instant) -> String {
        store.page(at: time).map { String(buffer: $0.bytes) }.joined()
    }

    private func publish(
        _ texts: [String], _ collector: Int, server: Int = 0, database: String = "", for life: Duration = .seconds(60)
    ) {
        let source = Store.Source(server: server, collector: collector, database: database)
        store.publish(texts.map { ByteBuffer(string: $0) }, from: source, expires: now + life)
    }

    @Test(
        "families come in the order of the registry, sources in the order of servers and databases, whoever is first to publish"
    )
    func order() {
        publish(["pg_two_c_total 3\n"], 1)
        publish(["pg_one_a{server=\"1\"} 1\n", "pg_one_b{server=\"1\"} 1\n"], 0, server: 1)
        publish(["pg_one_a{server=\"0\"} 1\n", "pg_one_b{server=\"0\"} 1\n"], 0, server: 0)
        #expect(
            page(at: now) == """
                # HELP pg_one_a A.
                # TYPE pg_one_a gauge
                pg_one_a{server="0"} 1
                pg_one_a{server="1"} 1
                # HELP pg_one_b B.
                # TYPE pg_one_b gauge
                pg_one_b{server="0"} 1
                pg_one_b{server="1"} 1
                # HELP pg_two_c_total C.
                # TYPE pg_two_c_total counter
                pg_two_c_total 3

                """)
    }

    @Test("the page of one server has its samples only, without the label that names it")
    func single() throws {
        let one = Definition("one", help: "h", from: "t", columns: [.gauge("a", "1", help: "A.")])
        let store = Store(try Registry([Registry.Entry(one)]), serverNames: ["a", #"b"{\"#])
        let texts = [
            #"pg_one_a{server="a"} 1"#,
            #"pg_one_a{server="b\"{\\",x="{server=\"a\","} 2"# + "\n" + #"pg_one_a{server="b\"{\\"} 3"#,
        ]
        for (server, text) in texts.enumerated() {
            store.publish(
                [ByteBuffer(string: text + "\n")], from: Store.Source(server: server, collector: 0, database: ""),
                expires: now + .seconds(60))
        }
        let page = { (server: Int?) in
            store.page(at: now, of: server).map { String(buffer: $0.bytes) }.joined().split(separator: "\n").dropFirst(
                2)
        }
        #expect(page(nil).count == 3)
        #expect(page(0) == ["pg_one_a 1"])
        #expect(page(1) == [#"pg_one_a{x="{server=\"a\","} 2"#, "pg_one_a 3"])
        store.publish(
            [ByteBuffer()], from: Store.Source(server: 1, collector: 0, database: ""), expires: now + .seconds(60))
        #expect(page(1) == [])
        #expect(page(0) == ["pg_one_a 1"])
    }

    @Test("one that takes another's place holds what is still there, and gets what is published to the other")
    func succession() throws {
        let three = Definition("three", help: "h", from: "t", columns: [.gauge("d", "1", help: "D.")])
        let two = Definition("two", help: "h", from: "t", columns: [.counter("c_total", "1", help: "C.")])
        publish(["pg_one_a 1\n", ""], 0)
        publish(["pg_two_c_total 3\n"], 1)
        publish(["pg_two_c_total{server=\"gone\"} 4\n"], 1, server: 1)
        let next = Store(try Registry([Registry.Entry(three), Registry.Entry(two)]))
        next.succeed(store, moves: [0: Store.Move(server: 0, collectors: [1: 1])])
        let head = "# HELP pg_two_c_total C.\n# TYPE pg_two_c_total counter\n"
        let text = { next.page(at: now).map { String(buffer: $0.bytes) }.joined() }
        #expect(text() == head + "pg_two_c_total 3\n")
        publish(["pg_two_c_total 5\n"], 1)
        publish(["pg_one_a 2\n", ""], 0)
        publish(["pg_two_c_total{server=\"gone\"} 6\n"], 1, server: 1)
        #expect(text() == head + "pg_two_c_total 5\n")
        #expect(page(at: now).contains("pg_one_a 1\n"))
    }

    @Test("a family without samples has no header")
    func empty() {
        publish(["", "pg_one_b 1\n"], 0)
        #expect(!page(at: now).contains("pg_one_a"))
    }

    @Test("a source's new blocks take the place of its old ones, those that are gone included")
    func replace() {
        publish(["pg_one_a 1\n", "pg_one_b 1\n"], 0)
        publish(["pg_one_a 2\n", ""], 0)
        #expect(page(at: now).contains("pg_one_a 2\n"))
        #expect(!page(at: now).contains("pg_one_b"))
    }

    @Test("what has expired leaves the page, and reading consumes nothing")
    func expiry() {
        publish(["pg_one_a 1\n", ""], 0, for: .seconds(10))
        publish(["pg_two_c_total 1\n"], 1, for: .seconds(20))
        #expect(page(at: now) == page(at: now + .seconds(9)))
        #expect(!page(at: now + .seconds(10)).contains("pg_one_a"))
        #expect(page(at: now + .seconds(10)).contains("pg_two_c_total"))
        #expect(page(at: now + .seconds(20)) == "")
    }

    @Test("a dropped database takes its own samples away and no others")
    func dropped() {
        publish(["pg_one_a{datname=\"x\"} 1\n", ""], 0, database: "x")
        publish(["pg_one_a{datname=\"y\"} 1\n", ""], 0, database: "y")
        publish(["pg_one_a{server=\"1\",datname=\"y\"} 1\n", ""], 0, server: 1, database: "y")
        store.keep(only: ["x"], of: 0, server: 0, metrics: 2)
        #expect(page(at: now).contains("pg_one_a{datname=\"x\"}"))
        #expect(!page(at: now).contains("pg_one_a{datname=\"y\"}"))
        #expect(page(at: now).contains("server=\"1\""))
    }

    @Test("big blocks are pieces of at most a mebibyte, kept from page to page")
    func segments() {
        let line = "pg_one_a{x=\"" + String(repeating: "y", count: 1_000) + "\"} 1\n"
        publish([String(repeating: line, count: 3_000), ""], 0)
        let header = "# HELP pg_one_a A.\n# TYPE pg_one_a gauge\n".utf8.count
        let first = store.page(at: now)
        #expect(first.allSatisfy { $0.bytes.readableBytes <= Segment.largest })
        #expect(first.reduce(0) { $0 + $1.bytes.readableBytes } == line.utf8.count * 3_000 + header)
        publish(["pg_two_c_total 1\n"], 1)
        let second = store.page(at: now)
        let kept = second.filter { segment in first.contains { $0 === segment } }
        #expect(kept.count == 3)
    }

    @Test("a family that was not known beforehand may come back with another type")
    func lateHeader() {
        let source = Store.Source(server: Store.Source.local, collector: 0, database: "")
        for kind in [Metric.Kind.gauge, .counter] {
            let late = (metric: Metric("app_x", kind, help: "X."), text: ByteBuffer(string: "app_x 1\n"))
            store.publish([], late: [late], from: source, expires: now + .seconds(60))
        }
        #expect(page(at: now) == "# HELP app_x X.\n# TYPE app_x counter\napp_x 1\n")
        // What was read from no server is on no server's own page.
        #expect(store.page(at: now, of: 0).isEmpty)
    }
}
