private import CLibPQ
import Sonde

/// A PGresult, and what it says.
@safe struct Reply: ~Copyable {
    /// The kinds of replies that make a difference to us.
    enum Kind {
        case rows
        /// The columns that a statement would have, and no rows.
        case description
        case done
        case error
        case aborted
        case sync
        case copy
    }

    let kind: Kind
    private let result: OpaquePointer

    @unsafe init(_ result: OpaquePointer) {
        unsafe self.result = result
        kind =
            switch unsafe PQresultStatus(result) {
            case PGRES_TUPLES_OK: .rows
            case PGRES_COMMAND_OK where unsafe PQnfields(result) > 0: .description
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .done
            case PGRES_PIPELINE_SYNC: .sync
            case PGRES_PIPELINE_ABORTED: .aborted
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
            default: .error
            }
    }

    deinit {
        unsafe PQclear(result)
    }

    /// The error that it is.
    func error(collector: String?) -> PostgresError {
        let sqlstate = field("C")
        // libpq's own errors carry no code; they come when the connection broke.
        return PostgresError(
            sqlstate.map { ErrorClass(sqlstate: $0) } ?? .network, sqlstate: sqlstate,
            message: field("M") ?? message,
            detail: field("D"), hint: field("H"), position: field("P").flatMap { Int($0) }, collector: collector)
    }

    private var message: String {
        unsafe PQresultErrorMessage(result).map { unsafe String(cString: $0) } ?? ""
    }

    private func field(_ code: Unicode.Scalar) -> String? {
        unsafe PQresultErrorField(result, Int32(code.value)).map { unsafe String(cString: $0) }
    }

    /// Hands the rows to a sink.
    ///
    /// - Returns: the number of rows, and the bytes of their cells.
    func deliver(to sink: any RowSink, step: Int) -> (rows: Int, bytes: Int) {
        let columns = unsafe (0..<PQnfields(result)).map { column in
            let name = unsafe PQfname(result, column).map { unsafe String(cString: $0) } ?? ""
            return unsafe Rows.Column(name, type: PQftype(result, column))
        }
        var bytes = 0
        let rows = unsafe Rows(columns: columns, count: Int(PQntuples(result))) { row, column in
            let (row, column) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
            guard unsafe PQgetisnull(result, row, column) == 0, let text = unsafe PQgetvalue(result, row, column) else {
                return nil
            }
            let length = unsafe Int(PQgetlength(result, row, column))
            bytes += length
            return unsafe Rows.Cell(UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: length)
        }
        let count = rows.count
        sink.take(rows, of: step)
        return (count, bytes)
    }
}
