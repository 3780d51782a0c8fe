import Sonde
import Testing

@Suite("Samples from code")
struct SamplesTests {
    private static let metrics = [
        Metric("a", help: "One.", labels: ["x", "y"]), Metric("b", help: "Another.", labels: ["x", "y"]),
        Metric("c", help: "Bare."),
    ]

    @Test(
        "labels are written in the order in which they are declared",
        arguments: [
            ([("x", "1"), ("y", "2")], "a{x=\"1\",y=\"2\"} 0\n"), ([("y", "2"), ("x", "1")], "a{x=\"1\",y=\"2\"} 0\n"),
            ([("y", "2")], "a{x=\"\",y=\"2\"} 0\n"), ([], "a{x=\"\",y=\"\"} 0\n"),
            ([("x", "1"), ("server", "s")], "a{server=\"s\",x=\"1\",y=\"\"} 0\n"),
            ([("datname", "d"), ("server", "s")], "a{server=\"s\",datname=\"d\",x=\"\",y=\"\"} 0\n"),
        ] as [([(String, String)], String)])
    func order(labels: [(String, String)], expected: String) {
        var samples = Samples(metrics: Self.metrics)
        samples.add(0, to: "a", labels: labels.map { (name: $0.0, value: $0.1) })
        #expect(samples.string(of: 0) == expected)
    }

    @Test(
        "what was not declared, or is given twice, is left out and counted",
        arguments: [
            ("d", []), ("a", [("z", "1")]), ("a", [("x", "1"), ("x", "2")]), ("a", [("x", "1"), ("bad name", "2")]),
            ("c", [("x", "1")]), ("c", [("server", "t")]), ("c", [("datname", "1"), ("datname", "2")]), ("", []),
        ] as [(String, [(String, String)])])
    func undeclared(name: String, labels: [(String, String)]) {
        var samples = Samples(metrics: Self.metrics, labels: [("server", "s")])
        samples.add(0, to: name, labels: labels.map { (name: $0.0, value: $0.1) })
        #expect(samples.counts.unreadable == 1)
        #expect(samples.counts.series == 0)
        samples.add(1, to: "c")
        #expect(samples.string(of: 2) == "c{server=\"s\"} 1\n")
    }

    @Test("a label set is taken once per family, in whatever order it is given")
    func duplicates() {
        var samples = Samples(metrics: Self.metrics)
        samples.add(1, to: "a", labels: [("x", "1")])
        samples.add(2, to: "a", labels: [("y", ""), ("x", "1")])
        samples.add(3, to: "b", labels: [("x", "1")])
        samples.add(4, to: "c")
        samples.add(5, to: "c")
        #expect(samples.counts.duplicates == 2)
        #expect(samples.string(of: 0) == "a{x=\"1\",y=\"\"} 1\n")
        #expect(samples.string(of: 1) == "b{x=\"1\",y=\"\"} 3\n")
        #expect(samples.string(of: 2) == "c 4\n")
    }

    @Test("fifty thousand samples in alternating families are told apart, and are there at once")
    func alternating() throws {
        let metrics = (0..<100).map { Metric("m\($0)", help: "One of many.", labels: ["i"]) }
        var samples = Samples(metrics: metrics)
        for index in 0..<50_000 {
            samples.add(Double(index), to: "m\(index % 100)", labels: [("i", String(index))])
        }
        #expect(samples.counts.series == 50_000)
        for metric in metrics.indices {
            #expect(samples.size(of: metric) == samples.string(of: metric).utf8.count)
            let found = try ExpositionParser.samples(in: samples.string(of: metric).utf8)
            #expect(found.count == 500)
            #expect(found.allSatisfy { Int($0.value) % 100 == metric && $0["i"] == String(Int($0.value)) })
        }
    }

    @Test("samples can be used again")
    func reset() {
        var samples = Samples(metrics: Self.metrics)
        for index in 0..<20_000 { samples.add(1, to: index % 2 == 0 ? "a" : "b", labels: [("x", String(index))]) }
        samples.add(1, to: "c")
        samples.reset()
        #expect(samples.counts == Samples.Counts())
        #expect(samples.string(of: 0).isEmpty)
        samples.add(2, to: "a", labels: [("x", "0")])
        samples.add(3, to: "c")
        #expect(samples.string(of: 0) == "a{x=\"0\",y=\"\"} 2\n")
        #expect(samples.string(of: 2) == "c 3\n")
    }

    @Test("there is no text of a family that there is not")
    func outside() {
        let samples = Samples(metrics: Self.metrics)
        #expect(samples.string(of: 3).isEmpty)
        #expect(samples.string(of: -1).isEmpty)
    }

    @Test("a histogram and a summary take the samples of their names, each label set once")
    func parts() {
        var samples = Samples(metrics: [
            Metric("h", .histogram, help: "H.", labels: ["x"]), Metric("s", .summary, help: "S."),
        ])
        for bound in ["1", "+Inf", "1"] { samples.add(1, to: "h_bucket", labels: [("le", bound), ("x", "y")]) }
        samples.add(2, to: "h_sum", labels: [("x", "y")])
        samples.add(1, to: "h_count", labels: [("x", "y")])
        samples.add(3, to: "s", labels: [("quantile", "0.5")])
        samples.add(4, to: "s_sum")
        samples.add(5, to: "s_count")
        #expect(
            samples.string(of: 0) == """
                h_bucket{x="y",le="1"} 1
                h_bucket{x="y",le="+Inf"} 1
                h_sum{x="y"} 2
                h_count{x="y"} 1

                """)
        #expect(samples.string(of: 1) == "s{quantile=\"0.5\"} 3\ns_sum 4\ns_count 5\n")
        #expect(samples.counts.duplicates == 1)
        // Neither has a sample without its part, nor may another family take its names.
        samples.add(1, to: "h")
        samples.add(1, to: "h_bucket", labels: [("x", "y")])
        samples.add(1, to: "s")
        samples.add(1, to: "h_sum", labels: [("le", "1")])
        #expect(samples.counts.unreadable == 4)
        samples.declare(Metric("h_count", help: "Another."))
        samples.declare(Metric("h", help: "Another."))
        #expect(samples.metrics.count == 2)
    }
}
