import Sonde
import Synchronization

/// Takes the columns of a result.
final class ColumnSink: RowSink {
    private let found = Mutex<[Rows.Column]>([])

    var columns: [Rows.Column] { found.withLock { $0 } }

    func take(_ rows: borrowing Rows, of step: Int) {
        let columns = rows.columns
        found.withLock { $0 = columns }
    }
}
