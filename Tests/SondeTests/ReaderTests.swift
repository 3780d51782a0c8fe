import Sonde
import Testing

@Suite("Reading a definition's rows")
struct ReaderTests {
    private static let definition = Definition(
        "db", help: "Databases.", from: "pg_database d",
        columns: [
            .label("datname", "d.datname"), .info("encoding", "e"), .gauge("size", "s", in: .bytes, help: "Its size."),
            .counter("time_seconds_total", "t", in: .milliseconds, help: "A time."),
        ])
    private static let columns = [
        Rows.Column("datname", type: 19), Rows.Column("encoding"), Rows.Column("size", type: 20),
        Rows.Column("time_seconds_total", type: 701),
    ]

    @Test("each family has a line per row, in the order of the rows")
    func lines() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["a", "UTF8", "1", "1500"], ["b", "LATIN1", "2", "0.5"]])
        #expect(rendering["pg_db_size"] == "pg_db_size{datname=\"a\"} 1\npg_db_size{datname=\"b\"} 2\n")
        #expect(
            rendering["pg_db_time_seconds_total"]
                == "pg_db_time_seconds_total{datname=\"a\"} 1.5\npg_db_time_seconds_total{datname=\"b\"} 0.0005\n")
        #expect(
            rendering["pg_db_info"]
                == "pg_db_info{datname=\"a\",encoding=\"UTF8\"} 1\npg_db_info{datname=\"b\",encoding=\"LATIN1\"} 1\n")
        #expect(rendering.counts.rows == 2)
        #expect(rendering.counts.series == 6)
    }

    @Test("columns are found by name, wherever they stand")
    func order() throws {
        let rendering = try Rendering(
            Self.definition, [Self.columns[3], Self.columns[0], Rows.Column("other"), Self.columns[2]],
            texts: [["1000", "a", "x", "7"]])
        #expect(rendering["pg_db_size"] == "pg_db_size{datname=\"a\"} 7\n")
        #expect(rendering["pg_db_time_seconds_total"] == "pg_db_time_seconds_total{datname=\"a\"} 1\n")
        #expect(rendering["pg_db_info"].isEmpty)
    }

    @Test("NULL is no sample, and a NULL label is the empty string")
    func nulls() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [[nil, nil, nil, "1"], ["b", nil, "2", nil], ["c"]])
        #expect(rendering["pg_db_size"] == "pg_db_size{datname=\"b\"} 2\n")
        #expect(rendering["pg_db_time_seconds_total"] == "pg_db_time_seconds_total{datname=\"\"} 0.001\n")
        #expect(rendering["pg_db_info"].hasPrefix("pg_db_info{datname=\"\",encoding=\"\"} 1\n"))
        #expect(rendering.counts.unreadable == 0)
    }

    @Test("a value that cannot be read costs neither its row nor its column")
    func unreadable() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["a", "", "many", "1"], ["b", "", "2", "1"], ["c", "", "", "x"]])
        #expect(rendering["pg_db_size"] == "pg_db_size{datname=\"b\"} 2\n")
        #expect(try ExpositionParser.samples(in: rendering["pg_db_time_seconds_total"].utf8).count == 2)
        #expect(rendering.counts.unreadable == 3)
        #expect(rendering.counts.series == 6)
    }

    @Test("of rows with the same labels the first is shown, the rest counted")
    func duplicates() throws {
        let rows: [[[UInt8]?]] = [
            [[0x61], nil, [0x31], nil], [[0x61], nil, [0x32], nil], [[0xFF], nil, [0x33], nil],
            [[0xFE], nil, [0x34], nil],
        ]
        let rendering = try Rendering(Self.definition, Self.columns, rows)
        #expect(rendering["pg_db_size"] == "pg_db_size{datname=\"a\"} 1\npg_db_size{datname=\"\u{FFFD}\"} 3\n")
        #expect(rendering.counts.duplicates == 2)
    }

    @Test("the daemon's labels come first")
    func fixed() throws {
        let rendering = try Rendering(
            Self.definition, Self.columns, texts: [["a", "x", "1", nil]],
            fixed: [(name: "server", value: "s\"1"), (name: "cluster", value: "")])
        #expect(rendering["pg_db_size"] == "pg_db_size{server=\"s\\\"1\",cluster=\"\",datname=\"a\"} 1\n")
        #expect(
            rendering["pg_db_info"] == "pg_db_info{server=\"s\\\"1\",cluster=\"\",datname=\"a\",encoding=\"x\"} 1\n")
    }

    @Test("without any label there are no braces")
    func unlabelled() throws {
        let definition = Definition(
            "x", help: "A collector.", from: "t", columns: [.gauge("v", "v", help: "A value."), .info("i", "i")])
        let rendering = try Rendering(
            definition, [Rows.Column("v", type: 20), Rows.Column("i")], texts: [["1", "a"], ["2", "b"]])
        #expect(rendering["pg_x_v"] == "pg_x_v 1\n")
        #expect(rendering["pg_x_info"] == "pg_x_info{i=\"a\"} 1\n")
        #expect(rendering.counts.duplicates == 1)
    }

    @Test("an empty result gives no text")
    func empty() throws {
        let rendering = try Rendering(Self.definition, Self.columns, texts: [])
        #expect(rendering.texts.values.joined().isEmpty)
        #expect(try Rendering(Self.definition, [], texts: [[]])["pg_db_size"].isEmpty)
    }

    @Test("families are found by name in samples of more than one collector")
    func otherFamilies() throws {
        var samples = Samples(metrics: [Metric("other", help: "Another.")] + Self.definition.metrics)
        var reader = Self.definition.makeReader(for: Self.definition.timing)
        try reader.read(Rows(columns: Self.columns, texts: [["a", "x", "1", "2"]]), of: 0, into: &samples)
        #expect(samples.string(of: 0).isEmpty)
        #expect(samples.string(of: 2) == "pg_db_size{datname=\"a\"} 1\n")
        var none = Samples(metrics: [])
        try reader.read(Rows(columns: Self.columns, texts: [["a", "x", "1", "2"]]), of: 0, into: &none)
        #expect(none.string(of: 0).isEmpty)
    }

    @Test("a hundred thousand rows are told apart")
    func manyRows() throws {
        let definition = Definition(
            "x", help: "A collector.", from: "t",
            columns: [.label("a", "a"), .label("b", "b"), .gauge("v", "v", help: "A value.")])
        let columns = [Rows.Column("a"), Rows.Column("b"), Rows.Column("v", type: 20)]
        let rows = (0..<100_000).map { ["table_\($0 / 7)", "\($0 % 7)", "\($0)"] as [String?] }
        let rendering = try Rendering(definition, columns, texts: rows + rows[99_000...])
        #expect(rendering.counts.series == 100_000)
        #expect(rendering.counts.duplicates == 1_000)
        let samples = try ExpositionParser.samples(in: rendering["pg_x_v"].utf8)
        #expect(samples.last?.value == 99_999)
        #expect(samples[70_001]["a"] == "table_10000")
    }
}
