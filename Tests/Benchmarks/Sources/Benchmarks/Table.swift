import CFloor
import Glibc
import Sonde

/// A result of 5 000 rows with three labels and twenty numbers, for both sides.
final class Table {
    static let rowCount = 5_000
    static let labelCount = 3
    static let valueCount = 20

    let definition: Definition
    let columns: [Rows.Column]
    let texts: [[[UInt8]?]]
    let names: [UnsafePointer<CChar>?]
    let cells: UnsafeMutablePointer<floor_cell>

    init() {
        let labels = ["datname", "schemaname", "relname"]
        let values = (0..<Self.valueCount).map { "n_tuples_of_some_kind_\($0)_total" }
        definition = Definition(
            "stat_user_tables", help: "Tables.", from: "pg_stat_user_tables t",
            columns: labels.map { .label($0, "x") } + values.map { .counter($0, "x", help: "A number.") })
        columns = labels.map { Rows.Column($0, type: 19) } + values.map { Rows.Column($0, type: 20) }
        // The same numbers on every run: from one digit to thirteen, one in ten with a fraction.
        var state: UInt64 = 42
        texts = (0..<Self.rowCount).map { row in
            let labels = ["production", "schema_\(row / 100)", "some_table_name_\(row)"].map { Array($0.utf8) }
            let numbers = (0..<Self.valueCount).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let number = String((state >> 20) >> (state >> 59))
                return Array((state >> 33) % 10 == 0 ? "\(number).25".utf8 : number.utf8)
            }
            return labels + numbers
        }
        let width = columns.count
        let size = texts.joined().reduce(0) { $0 + ($1?.count ?? 0) }
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        cells = .allocate(capacity: Self.rowCount * width)
        var end = 0
        for (index, text) in texts.joined().enumerated() {
            guard let text else { continue }
            (bytes + end).initialize(from: text, count: text.count)
            (cells + index).initialize(to: floor_cell(base: bytes + end, count: text.count))
            end += text.count
        }
        names = (labels + values.map { "pg_stat_user_tables_\($0)" }).map { UnsafePointer(strdup($0)) }
    }
}
