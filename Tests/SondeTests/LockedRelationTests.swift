import Synchronization
import Testing

@testable import Sonde

@Suite("Relations that are locked")
struct LockedRelationTests {
    private static let definition = Definition(
        "size", help: "Sizes.", from: "pg_class c",
        columns: [
            .label("relname", "c.relname"), .gauge("table", "pg_table_size(c.oid)", in: .pages, help: "A size."),
            .gauge("indexes", "pg_indexes_size(c.oid)", help: "A size."),
        ], each: true)
    private static let columns = ["pgsonde_oid", "pgsonde_left_out", "relname", "table", "indexes"].map {
        Rows.Column($0)
    }

    /// A reader and a clock that stands still.
    private final class Bench: Sendable {
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
    }

    private let bench = Bench()

    private func makeReader() -> DefinitionReader {
        DefinitionReader(Self.definition, expire: .seconds(60)) { [bench] in bench.start + bench.elapsed.withLock { $0 }
        }
    }

    /// Runs once over some pages.
    private func run(
        _ reader: inout DefinitionReader, _ pages: [[[String?]]], isComplete: Bool = true
    ) -> (text: String, counts: Samples.Counts) {
        var samples = Samples(metrics: Self.definition.metrics)
        reader.read(Rows(columns: [], texts: [[]]), of: 0, into: &samples)
        reader.read(Rows(columns: [], texts: [["Seq Scan"]]), of: 1, into: &samples)
        for page in pages {
            reader.read(Rows(columns: [], texts: []), of: 2, into: &samples)
            reader.read(Rows(columns: Self.columns, texts: page), of: 3, into: &samples)
        }
        if isComplete { reader.finish(into: &samples) }
        return (samples.string(of: 0) + samples.string(of: 1), samples.counts)
    }

    private func advance(_ duration: Duration) {
        bench.elapsed.withLock { $0 += duration }
    }

    @Test("show what they showed before, until that expires")
    func keeps() {
        var reader = makeReader()
        #expect(run(&reader, [[["1", "t", "a", nil, nil]]]).text.isEmpty)
        let fresh = run(&reader, [[["1", "f", "a", "2", nil]], [["2", "f", "b", "3", "4"]]])
        #expect(
            fresh.text
                == "pg_size_table{relname=\"a\"} 16384\npg_size_table{relname=\"b\"} 24576\npg_size_indexes{relname=\"b\"} 4\n"
        )
        #expect(fresh.counts.locked == 0)
        advance(.seconds(30))
        let old = run(&reader, [[["1", "t", "a", nil, nil], ["2", "f", "b", "5", "6"]]])
        #expect(
            old.text
                == "pg_size_table{relname=\"b\"} 40960\npg_size_table{relname=\"a\"} 16384\npg_size_indexes{relname=\"b\"} 6\n"
        )
        #expect(old.counts.locked == 1)
        #expect(old.counts.series == 3)
        advance(.seconds(31))
        let late = run(&reader, [[["1", "t", "a", nil, nil], ["2", "t", "b", nil, nil]]])
        #expect(late.text == "pg_size_table{relname=\"b\"} 40960\npg_size_indexes{relname=\"b\"} 6\n")
        #expect(late.counts.locked == 2)
    }

    @Test("carry their new name")
    func renamed() {
        var reader = makeReader()
        _ = run(&reader, [[["1", "f", "a", "1", "1"]]])
        #expect(
            run(&reader, [[["1", "t", "z", nil, nil]]]).text
                == "pg_size_table{relname=\"z\"} 8192\npg_size_indexes{relname=\"z\"} 1\n")
    }

    @Test("are forgotten once they are gone")
    func gone() {
        var reader = makeReader()
        _ = run(&reader, [[["1", "f", "a", "1", "1"]]])
        _ = run(&reader, [[]])
        #expect(run(&reader, [[["1", "t", "a", nil, nil]]]).text.isEmpty)
    }

    @Test("show what the last whole run read, not what a broken one did")
    func broken() {
        var reader = makeReader()
        _ = run(&reader, [[["1", "f", "a", "1", "1"]]])
        _ = run(&reader, [[["1", "f", "a", "9", "9"]]], isComplete: false)
        #expect(run(&reader, [[["1", "t", "a", nil, nil]]]).text.hasPrefix("pg_size_table{relname=\"a\"} 8192\n"))
    }

    @Test("are no matter where there is no identifier")
    func strange() {
        var reader = makeReader()
        let rows: [[String?]] = [
            [nil, "t", "a", nil, nil], ["x", "f", "b", "1", "1"], ["99999999999", "t", "c", nil, nil],
            ["4294967295", "f", "d", String(repeating: "1", count: 300), "2"],
        ]
        #expect(run(&reader, [rows]).counts.locked == 0)
        #expect(
            run(&reader, [[["4294967295", "t", "d", nil, nil]]]).text == "pg_size_indexes{relname=\"d\"} 2\n")
    }
}
