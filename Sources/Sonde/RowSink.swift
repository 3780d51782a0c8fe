/// Something that takes results as they arrive, on the session's thread.
public protocol RowSink: Sendable {
    /// Takes the result of a step; the rows are valid only during the call.
    func take(_ rows: borrowing Rows, of step: Int)
}
