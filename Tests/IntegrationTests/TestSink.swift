import Sonde
import SondePostgres
import Synchronization

/// Keeps all that it takes, as texts.
final class TestSink: RowSink {
    private let taken = Mutex<[Int: [[String?]]]>([:])

    var tables: [Int: [[String?]]] { taken.withLock { $0 } }

    func take(_ rows: borrowing Rows, of step: Int) {
        let names = rows.columns.map(\.name)
        let table = (0..<rows.count).map { row in names.map { rows.text(row, $0) } }
        taken.withLock { $0[step] = table }
    }

    static func job(
        _ sql: String, step: Int = 0, timeout: Duration = .seconds(20), prepared: Bool = true
    ) -> Job {
        Job(step: step, sql: sql, collector: "test\(step)", timeout: timeout, prepared: prepared)
    }
}
