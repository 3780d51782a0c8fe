import Sonde
import Testing

@Suite("Histograms and whole names")
struct HistogramTests {
    private static let definition = Definition(
        "idle", help: "Idle sessions.", from: "t",
        columns: [
            .label("state", "s"),
            .histogram(
                "seconds", bounds: "b", buckets: "n", sum: "a", count: "c", in: .milliseconds, help: "Times.",
                metric: "idle_time_seconds"),
            .untyped("other", "o", help: "Something."),
        ])
    private static let columns = [
        Rows.Column("state"), Rows.Column("seconds", type: 1_231), Rows.Column("seconds_bucket", type: 1_016),
        Rows.Column("seconds_sum", type: 701), Rows.Column("seconds_count"), Rows.Column("other"),
    ]

    @Test("arrays become buckets, with infinity, the sum and the count after them")
    func buckets() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["idle", "{500,1000,2500}", "{0,2,2}", "61500", "3", "7"]])
        #expect(
            rendering["idle_time_seconds"] == """
                idle_time_seconds_bucket{state="idle",le="0.5"} 0
                idle_time_seconds_bucket{state="idle",le="1"} 2
                idle_time_seconds_bucket{state="idle",le="2.5"} 2
                idle_time_seconds_bucket{state="idle",le="+Inf"} 3
                idle_time_seconds_sum{state="idle"} 61.5
                idle_time_seconds_count{state="idle"} 3

                """)
        #expect(rendering["pg_idle_other"] == "pg_idle_other{state=\"idle\"} 7\n")
        #expect(rendering.counts.series == 7)
    }

    @Test("buckets come by their bounds, in whatever order the arrays are")
    func order() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["idle", "{2500,500,1000}", "{2,0,1}", "61500", "3", "7"]])
        #expect(
            rendering["idle_time_seconds"].hasPrefix(
                """
                idle_time_seconds_bucket{state="idle",le="0.5"} 0
                idle_time_seconds_bucket{state="idle",le="1"} 1
                idle_time_seconds_bucket{state="idle",le="2.5"} 2
                idle_time_seconds_bucket{state="idle",le="+Inf"} 3

                """))
    }

    @Test(
        "a bound is written as Prometheus' own libraries do",
        arguments: [
            ("500", "0.5"), ("1000000000", "1e+06"), ("999999000", "999999"), ("12345678900", "1.23456789e+07"),
            ("0.0001", "1e-07"), ("0.5", "0.0005"), ("1.5e-3", "1.5e-06"), ("0", "0"), ("-2500", "-2.5"),
            ("100000", "100"),
            ("123456.7", "123.4567"), ("-Infinity", "-Inf"), ("1e300", "1e+297"),
        ])
    func bounds(milliseconds: String, text: String) throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["x", "{\(milliseconds)}", "{1}", "1", "1"]])
        #expect(rendering["idle_time_seconds"].contains("le=\"\(text)\"} 1\n"))
    }

    @Test("a label that is true or false says so in a word")
    func truth() throws {
        let definition = Definition(
            "x", help: "X.", from: "t", columns: [.label("ok", "o"), .gauge("y", "y", help: "Y.")])
        let rendering = try Rendering(
            definition, [Rows.Column("ok", type: 16), Rows.Column("y")], texts: [["t", "1"], ["f", "2"], [nil, "3"]])
        #expect(rendering["pg_x_y"] == "pg_x_y{ok=\"true\"} 1\npg_x_y{ok=\"false\"} 2\npg_x_y{ok=\"\"} 3\n")
    }

    @Test("without labels the bound is the only one")
    func bare() throws {
        let definition = Definition(
            "idle", help: "Idle sessions.", from: "t",
            columns: [.histogram("seconds", bounds: "b", buckets: "n", sum: "a", count: "c", help: "Times.")])
        let rendering = try Rendering(definition, Array(Self.columns[1...4]), texts: [["{}", "{}", "0", "0"]])
        #expect(
            rendering["pg_idle_seconds"]
                == "pg_idle_seconds_bucket{le=\"+Inf\"} 0\npg_idle_seconds_sum 0\npg_idle_seconds_count 0\n")
    }

    @Test(
        "NULL is no sample, and what cannot be read costs its row",
        arguments: [
            ([nil, "{1}", "1", "1"], 0), (["{1}", nil, "1", "1"], 0), (["{1}", "{1}", "1", nil], 0),
            (["{1,2}", "{1}", "1", "1"], 1), (["{1}", "{x}", "1", "1"], 1), (["1", "{1}", "1", "1"], 1),
            (["{1}", "{NULL}", "1", "1"], 1), (["{1}", "{1}", "one", "1"], 1),
            // Buckets that fall, bounds that do or are there twice, more in a bucket than there are, less than none.
            (["{1,2}", "{3,2}", "1", "4"], 1), (["{2,1}", "{1,2}", "1", "4"], 1), (["{1,1}", "{1,2}", "1", "4"], 1),
            (["{1}", "{5}", "1", "4"], 1), (["{1}", "{-1}", "1", "4"], 1), (["{NaN}", "{1}", "1", "4"], 1),
        ] as [([String?], Int)])
    func unreadable(cells: [String?], count: Int) throws {
        let good: [String?] = ["good", "{1}", "{1}", "1", "1"]
        let rendering = try Rendering(Self.definition, Self.columns, texts: [["bad"] + cells, good])
        #expect(rendering.counts.unreadable == count)
        #expect(!rendering["idle_time_seconds"].contains("bad"))
        #expect(rendering["idle_time_seconds"].contains("good"))
    }

    @Test("a histogram of which a part is refused is not asked for")
    func refused() {
        let steps = Self.definition.plan(for: Facts(version: 17), without: ["seconds_sum"]).steps
        #expect(steps.map(\.sql) == ["SELECT (s) AS \"state\",\n  (o) AS \"other\"\nFROM t"])
    }

    @Test("types stand in the header, and names of samples belong to one family")
    func declared() throws {
        let metrics = Self.definition.metrics
        #expect(metrics.map(\.name) == ["idle_time_seconds", "pg_idle_other"])
        #expect(String(decoding: metrics[0].header, as: UTF8.self).hasSuffix("# TYPE idle_time_seconds histogram\n"))
        #expect(String(decoding: metrics[1].header, as: UTF8.self).hasSuffix("# TYPE pg_idle_other untyped\n"))
        let other = Definition(
            "other", help: "Another.", from: "t",
            columns: [.gauge("x", "x", help: "A.", metric: "idle_time_seconds_count")])
        #expect(throws: Registry.Invalid.self) { try Registry([.init(Self.definition), .init(other)]) }
    }

    @Test("a last bound without end is the count's bucket, which is there once")
    func infinity() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["idle", "{1000,Infinity}", "{1,2}", "5", "2", "7"]])
        #expect(
            rendering["idle_time_seconds"] == """
                idle_time_seconds_bucket{state="idle",le="1"} 1
                idle_time_seconds_bucket{state="idle",le="+Inf"} 2
                idle_time_seconds_sum{state="idle"} 0.005
                idle_time_seconds_count{state="idle"} 2

                """)
        #expect(rendering.counts.series == 5)
    }

    @Test("a snapshot counts its expression into buckets, by version")
    func snapshot() {
        let column = Column.snapshot(
            "age_seconds", [13: "a -- old", 17: nil], bounds: [0.5, 10], in: .milliseconds, help: "Ages.")
        #expect(column.kind == .histogram && column.unit == .milliseconds)
        #expect(column.sql == [13: "ARRAY[0.5, 10.0]::float8[]", 17: nil])
        #expect(
            column.histogram?.buckets == [
                13: """
                ARRAY[count(*) FILTER (WHERE (a -- old
                ) <= 0.5), count(*) FILTER (WHERE (a -- old
                ) <= 10.0)]::bigint[]
                """,
                17: nil,
            ])
        #expect(column.histogram?.sum == [13: "coalesce(sum((a -- old\n)), 0)", 17: nil])
        #expect(column.histogram?.count == [13: "count((a -- old\n))", 17: nil])
    }
}
