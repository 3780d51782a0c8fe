import Sonde
import Testing

@Suite("Labels")
struct LabelTests {
    @Test(
        "quotes, backslashes and line feeds are escaped, all else stays",
        arguments: [
            ("", ""), ("plain", "plain"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#),
            (#"\n"#, #"\\n"#),
            (#"a b%'"c"#, #"a b%'\"c"#), ("tab\there", "tab\there"), ("\r", "\r"), ("{a=\"b\",c}", #"{a=\"b\",c}"#),
            ("é€😀", "é€😀"), ("e\u{301}", "e\u{301}"),
            (String(repeating: "x", count: 63), String(repeating: "x", count: 63)),
            ("😀\"", "😀\\\""), ("\u{0}", "\u{FFFD}"), ("\u{7F}\u{80}", "\u{7F}\u{80}"),
        ])
    func escapes(value: String, expected: String) throws {
        #expect(try line(Array(value.utf8)) == "pg_x_v{name=\"\(expected)\"} 1\n")
        var samples = Samples(metrics: [Metric("m", help: "A metric.", labels: ["name"])], labels: [("server", value)])
        samples.add(1, to: "m", labels: [("name", value)])
        #expect(samples.string(of: 0) == "m{server=\"\(expected)\",name=\"\(expected)\"} 1\n")
    }

    /// The examples of the Unicode standard, section 3.9, table 3-8 and those before it, among others.
    @Test(
        "each maximal part of what is no UTF-8 becomes one U+FFFD",
        arguments: [
            ([0xFF], 1), ([0x80], 1), ([0xC0, 0xAF], 2), ([0xC2], 1), ([0xE2, 0x82], 1), ([0xE0, 0x80, 0x80], 3),
            ([0xF0, 0x9F, 0x98], 1), ([0xF0, 0x80, 0x80, 0x80], 4), ([0xED, 0xA0, 0x80], 3),
            ([0xF4, 0x90, 0x80, 0x80], 4),
            ([0xF5, 0x80], 2), ([0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82], 8),
            ([0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF], 8), ([0xF4, 0x91, 0x92, 0x93, 0xFF], 5),
            ([0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF], 4),
        ] as [([UInt8], Int)])
    func replaces(bytes: [UInt8], count: Int) throws {
        let expected = String(repeating: "\u{FFFD}", count: count)
        #expect(try line(bytes) == "pg_x_v{name=\"\(expected)\"} 1\n")
        #expect(try line([0x61] + bytes + [0x62]) == "pg_x_v{name=\"a\(expected)b\"} 1\n")
        // The standard library does the same.
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(
        "names are checked",
        arguments: [
            ("pg_up", true, true), ("_", true, true), ("a1", true, true), ("A:b", true, false), (":", true, false),
            ("", false, false),
            ("1a", false, false), ("a-b", false, false), ("a b", false, false), ("é", false, false),
            ("a.b", false, false),
            ("__name__", true, false), ("a\n", false, false),
        ])
    func names(text: String, isMetric: Bool, isLabel: Bool) {
        #expect(Metric.isName(text) == isMetric)
        #expect(Metric.isLabel(text) == isLabel)
    }

    @Test("a header's help is escaped")
    func header() throws {
        let metric = Metric("m_total", .counter, help: "A \\ and a \n and a \".")
        #expect(
            String(decoding: metric.header, as: UTF8.self)
                == "# HELP m_total A \\\\ and a \\n and a \".\n# TYPE m_total counter\n")
        let families = try ExpositionParser.families(in: metric.header + Array("m_total 1\n".utf8))
        #expect(families.first?.help == metric.help)
    }

    @Test("constants are gauges to the text format")
    func constants() {
        let metric = Metric("m_info", .info, help: "A constant.")
        #expect(String(decoding: metric.header, as: UTF8.self) == "# HELP m_info A constant.\n# TYPE m_info gauge\n")
    }

    private func line(_ label: [UInt8]) throws -> String {
        let definition = Definition(
            "x", help: "A collector.", from: "t", columns: [.label("name", "n"), .gauge("v", "v", help: "A value.")])
        return try Rendering(definition, [Rows.Column("name"), Rows.Column("v", type: 20)], [[label, [0x31]]])["pg_x_v"]
    }
}
