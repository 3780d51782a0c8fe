import NIOCore
import Sonde
import Testing

@testable import SondeDaemon

@Suite("FFWD: what is sent")
struct FFWDTranslatorTests {
    private static let start = ContinuousClock.now

    private static func translator(_ metrics: [FFWDMetric]) throws -> FFWDTranslator {
        let shop = Definition(
            "shop", help: "h", from: "t",
            columns: [
                .label("datname", "d"), .counter("a_total", "1", help: "A."), .counter("b_total", "1", help: "B."),
                .gauge("c", "1", help: "C."),
            ])
        return FFWDTranslator(
            metrics, registry: try Registry([Registry.Entry(shop)]), key: "postgresql", hosts: ["db1", "db2"])
    }

    private static func metric(_ formula: FFWDMetric.Formula, _ sources: [String]) -> FFWDMetric {
        FFWDMetric(
            "f", "what", unit: "u", labels: [(ours: "datname", theirs: "database")], from: sources, formula: formula)
    }

    /// What one poll after the other sends, as values of the database `x`.
    private static func values(
        _ formula: FFWDMetric.Formula, _ sources: [String], _ polls: [(a: String, b: String)], apart: Int = 10
    ) throws -> [[Double]] {
        var translator = try translator([metric(formula, sources)])
        return polls.enumerated().map { index, poll in
            let texts = [("a_total", poll.a), ("b_total", poll.b)].map { name, value in
                value.isEmpty ? "" : "pg_shop_\(name){datname=\"x\"} \(value)\n"
            }
            return messages(texts + [""], &translator, after: index * apart).map(\.value)
        }
    }

    private static func messages(
        _ texts: [String], _ translator: inout FFWDTranslator, after seconds: Int = 0, server: Int = 0,
        origin: Double = 0
    ) -> [FFWDMessage] {
        translator.messages(
            for: FFWDTranslator.Publication(
                source: Store.Source(server: server, collector: 0, database: ""), origin: origin,
                texts: texts.map { ByteBuffer(string: $0) }, at: start + .seconds(seconds), time: 1_000_000))
    }

    @Test("a rate needs two polls, is per second, and is never negative")
    func rate() throws {
        let sent = try Self.values(
            .rate, ["pg_shop_a_total", "pg_shop_b_total"],
            [("10", "1"), ("30", "6"), ("30", "6"), ("40", "0"), ("40", "10"), ("", ""), ("50", "10"), ("60", "10")])
        #expect(sent == [[], [2.5], [0], [], [1], [], [], [1]])
    }

    @Test(
        "each formula says nothing where there is nothing to say",
        arguments: [
            (FFWDMetric.Formula.sum, [("3", "4"), ("", "4"), ("", "")], [[7], [4], []]),
            (.share, [("3", "1"), ("0", "4"), ("0", "0"), ("3", ""), ("", "3")], [[0.75], [0], [], [], []]),
            (.shareOfGrowth, [("1", "1"), ("4", "2"), ("4", "2"), ("1", "3"), ("1", "4")], [[], [0.75], [], [], [0]]),
            (.age, [("900", "995"), ("1001", ""), ("", "")], [[5], [0], []]),
            (.percent, [("0.25", "0.5"), ("", "")], [[75], []]),
            (.remaining(of: 200), [("50", ""), ("200", ""), ("", "")], [[75], [0], []]),
            (.quotient, [("6", "4"), ("6", "0"), ("6", ""), ("", "6")], [[1.5], [], [], []]),
        ] as [(FFWDMetric.Formula, [(String, String)], [[Double]])])
    func formulas(formula: FFWDMetric.Formula, polls: [(String, String)], expected: [[Double]]) throws {
        let polls = polls.map { (a: $0.0, b: $0.1) }
        #expect(try Self.values(formula, ["pg_shop_a_total", "pg_shop_b_total"], polls) == expected)
    }

    @Test("samples of the same attributes are summed up, or the largest counts")
    func folds() throws {
        let largest = FFWDMetric("f", "largest", unit: "u", from: ["pg_shop_c"], fold: .largest)
        let sum = FFWDMetric("f", "sum", unit: "u", from: ["pg_shop_c"])
        let one = FFWDMetric("f", "one", unit: "u", from: ["pg_shop_c"], only: (label: "datname", value: "x"))
        var translator = try Self.translator([largest, sum, one])
        let texts = ["", "", "pg_shop_c{datname=\"x\"} 2\npg_shop_c{datname=\"y\"} 5\npg_shop_c{datname=\"z\"} NaN\n"]
        let sent = Self.messages(texts, &translator)
        #expect(sent.map(\.value) == [5, 7, 2])
        #expect(sent.allSatisfy { $0.attributes.count == 2 })
    }

    @Test("what has no database is not sent as one's, and servers are told apart")
    func attributes() throws {
        var translator = try Self.translator([Self.metric(.sum, ["pg_shop_c"])])
        let texts = [
            "", "", "pg_shop_c{server=\"b\",datname=\"\"} 1\npg_shop_c{server=\"b\",datname=\"q\\\"\\\\\\nü\"} 2\n",
        ]
        let sent = Self.messages(texts, &translator, server: 1)
        #expect(sent.count == 1)
        #expect(
            sent.first?.json == #"""
                {"type":"metric","key":"postgresql","value":2,"time":1000000,"host":"db2","attributes":{"what":"what","database":"q\"\\\nü","unit":"u","server":"b"}}
                """#)
    }

    @Test("what grew across a reset, a restart or to another server is no rate, though no value fell")
    func reset() throws {
        let metric = FFWDMetric(
            "f", "what", unit: "u", labels: [(ours: "datname", theirs: "database")], from: ["pg_shop_a_total"],
            formula: .rate, reset: "pg_shop_c")
        var translator = try Self.translator([metric])
        let poll = { (x: Int, y: Int, reset: String) in
            [
                "pg_shop_a_total{datname=\"x\"} \(x)\npg_shop_a_total{datname=\"y\"} \(y)\n", "",
                reset.isEmpty ? "" : "pg_shop_c{datname=\"x\"} \(reset)\n",
            ]
        }
        let sent = [
            (poll(10, 10, ""), 1.0), (poll(20, 20, ""), 1), (poll(30, 40, "500"), 1), (poll(40, 50, "500"), 1),
            (poll(60, 60, "900"), 1), (poll(90, 90, "900"), 2), (poll(100, 100, "900"), 2),
        ].enumerated().map { index, poll in
            Self.messages(poll.0, &translator, after: index * 10, origin: poll.1).map { message in
                "\(message.attributes[1].value)\(message.value)"
            }
        }
        #expect(
            sent == [[], ["x1.0", "y1.0"], ["y2.0"], ["x1.0", "y1.0"], ["y1.0"], [], ["x1.0", "y1.0"]])
    }

    @Test("rates of one server, or database, do not mix with another's")
    func sources() throws {
        var translator = try Self.translator([Self.metric(.rate, ["pg_shop_a_total"])])
        let text = { (value: Int) in ["pg_shop_a_total{datname=\"x\"} \(value)\n", "", ""] }
        #expect(Self.messages(text(10), &translator, after: 0, server: 0).isEmpty)
        #expect(Self.messages(text(99), &translator, after: 1, server: 1).isEmpty)
        #expect(Self.messages(text(20), &translator, after: 10, server: 0).map(\.value) == [1])
        #expect(Self.messages(text(108), &translator, after: 10, server: 1).map(\.value) == [1])
    }

    @Test(
        "what comes from two collectors is sent when the first has run, once the other has; labels may make it 1 or 0")
    func twoCollectors() throws {
        let one = Definition("one", help: "h", from: "t", columns: [.gauge("a", "1", help: "A.")])
        let two = Definition(
            "two", help: "h", from: "t", columns: [.label("datname", "d"), .gauge("b", "1", help: "B.")])
        let quotient = FFWDMetric(
            "f", "quotient", unit: "u", from: ["pg_one_a", "pg_two_b"], fold: .largest, formula: .quotient)
        let flag = FFWDMetric("f", "flag", unit: "u", from: ["pg_two_b"], when: (label: "datname", value: "x"))
        var translator = FFWDTranslator(
            [quotient, flag], registry: try Registry([Registry.Entry(one), Registry.Entry(two)]), key: "k",
            hosts: ["a", "b"])
        let send = { (collector: Int, server: Int, text: String, translator: inout FFWDTranslator) in
            let source = Store.Source(server: server, collector: collector, database: "")
            let publication = FFWDTranslator.Publication(
                source: source, texts: [ByteBuffer(string: text)], at: Self.start, time: 0)
            return translator.messages(for: publication).map(\.value)
        }
        #expect(send(0, 0, "pg_one_a 10\n", &translator) == [])
        #expect(send(1, 0, "pg_two_b{datname=\"x\"} 2\npg_two_b{datname=\"y\"} 4\n", &translator) == [1])
        #expect(send(0, 0, "pg_one_a 10\n", &translator) == [2.5])
        #expect(send(0, 1, "pg_one_a 10\n", &translator) == [])
        #expect(send(1, 0, "", &translator) == [])
        #expect(send(0, 0, "pg_one_a 10\n", &translator) == [])
    }

    @Test("a sum grows by what its series grow by: one that comes or goes with all it has counted changes nothing")
    func series() throws {
        let metric = FFWDMetric("f", "what", unit: "u", from: ["pg_shop_a_total"], formula: .rate)
        var translator = try Self.translator([metric])
        let send = { (seconds: Int, values: [String: Int], translator: inout FFWDTranslator) in
            let text = values.map { "pg_shop_a_total{datname=\"\($0)\"} \($1)\n" }.joined()
            return Self.messages([text, "", ""], &translator, after: seconds).map(\.value)
        }
        #expect(send(0, ["x": 10, "y": 1_000], &translator) == [])
        #expect(send(10, ["x": 20, "y": 1_010, "z": 9_999], &translator) == [2])
        #expect(send(20, ["x": 30, "z": 10_009], &translator) == [2])
        #expect(send(30, ["x": 40, "y": 9, "z": 9], &translator) == [])
        #expect(send(40, ["x": 50, "y": 19, "z": 19], &translator) == [3])
    }

    @Test("what a limit adds up counts for the database, and is no table")
    func others() throws {
        let table = Definition(
            "table", help: "h", from: "t",
            columns: [.label("schemaname", "s"), .label("relname", "r"), .gauge("n", "1", help: "N.")], per: .database)
        let labels = [(ours: "datname", theirs: "database"), (ours: "schemaname", theirs: "schema")]
        let each = FFWDMetric(
            "f", "each", unit: "u", labels: labels + [(ours: "relname", theirs: "table")], from: ["pg_table_n"])
        let all = FFWDMetric("f", "all", unit: "u", labels: [labels[0]], from: ["pg_table_n"])
        var translator = FFWDTranslator(
            [each, all], registry: try Registry([Registry.Entry(table)]), key: "k", hosts: ["a"])
        let lines = [("app", "t", 2), ("other", "other", 3)].map { schema, table, value in
            "pg_table_n{datname=\"d\",schemaname=\"\(schema)\",relname=\"\(table)\"} \(value)\n"
        }
        #expect(Self.messages([lines.joined()], &translator).map(\.value) == [2, 5])
    }

    @Test("only families that are needed are kept")
    func needed() throws {
        let translator = try Self.translator([Self.metric(.sum, ["pg_shop_c"]), Self.metric(.sum, ["pg_else_x"])])
        #expect(translator.families(of: 0) == [2])
    }

    @Test(
        "numbers are JSON",
        arguments: [
            (0.0, "0"), (-3, "-3"), (8_405_263_359, "8405263359"), (0.5, "0.5"), (1e300, "1e+300"), (1e-7, "1e-07"),
        ])
    func numbers(value: Double, text: String) {
        let message = FFWDMessage(key: "k", value: value, time: 1, host: "h", attributes: [])
        #expect(
            message.json == #"{"type":"metric","key":"k","value":\#(text),"time":1,"host":"h","attributes":{}}"#)
    }

    @Test("what would not fit into a datagram is none")
    func large() {
        let value = String(repeating: "é", count: 700)
        let message = FFWDMessage(key: "k", value: 1, time: 1, host: "h", attributes: [("a", value)])
        #expect(message.datagram == nil)
        let control = FFWDMessage(key: "\u{1}\t", value: 1, time: 1, host: "h", attributes: [])
        #expect(control.datagram.map { String(buffer: $0) }?.contains(#""key":"\u0001\t""#) == true)
    }
}
