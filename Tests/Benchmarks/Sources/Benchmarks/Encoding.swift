import CFloor
import Glibc
import Sonde

/// From cells to the bytes of the page, beside a floor in C that does the same.
final class Encoding {
    private let table: Table
    private let rows: Rows
    private var reader: any Reader
    private var samples: Samples
    private var arena = floor_bytes()
    private var out = floor_bytes()
    private let starts = UnsafeMutablePointer<Int>.allocate(capacity: Table.rowCount + 1)

    static let series = Table.rowCount * Table.valueCount

    init(_ table: Table) {
        self.table = table
        rows = Rows(columns: table.columns, bytes: table.texts)
        reader = table.definition.makeReader(for: table.definition.timing)
        samples = Samples(metrics: table.definition.metrics)
    }

    /// Into memory that is there already.
    func swiftKept() throws {
        samples.reset(keeping: .max)
        try reader.read(rows, of: 0, into: &samples)
    }

    /// Into memory of its own, as the daemon does for each run of a collector.
    func swiftFresh() throws {
        var samples = Samples(metrics: table.definition.metrics)
        try reader.read(rows, of: 0, into: &samples)
        guard samples.counts.series == Self.series else { exit(1) }
    }

    func floorKept() {
        let lines = floor_encode(
            table.cells, Table.rowCount, table.columns.count, Table.labelCount, table.names, &arena, starts, &out)
        guard lines == Self.series else { exit(1) }
    }

    func floorFresh() {
        floor_free(&arena)
        floor_free(&out)
        floorKept()
    }

    /// The text of both, which must be the same.
    var isEqual: Bool {
        let text = table.definition.metrics.indices.map { samples.string(of: $0) }.joined()
        return text.utf8.elementsEqual(UnsafeBufferPointer(start: out.base, count: out.count))
    }

    var bytes: Int { out.count }
}
