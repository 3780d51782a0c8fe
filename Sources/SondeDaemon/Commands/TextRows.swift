import Sonde
import SondePostgres
import Synchronization

/// Takes the rows of a statement as texts, for commands that ask by themselves.
private final class TextRows: RowSink {
    let rows = Mutex<[[String: String]]>([])

    func take(_ rows: borrowing Rows, of step: Int) {
        var taken: [[String: String]] = []
        for row in 0..<rows.count {
            var texts: [String: String] = [:]
            for column in rows.columns { texts[column.name] = rows.text(row, column.name) }
            taken.append(texts)
        }
        self.rows.withLock { $0 = taken }
    }
}

extension Connection {
    /// Runs a statement.
    ///
    /// - Returns: its rows, each with its columns' texts; a NULL is absent.
    /// - Throws: the server's error.
    func texts(of sql: String, within limit: Duration) async throws -> [[String: String]] {
        let sink = TextRows()
        let job = Job(step: 0, sql: sql, collector: "", timeout: limit, prepared: false)
        if var error = await run([job], into: sink).first?.error {
            error.collector = nil
            throw error
        }
        return sink.rows.withLock { $0 }
    }
}
