/// Reads the results of one collector's statements from one server or database, poll after poll.
public protocol Reader: Sendable {
    /// Turns the rows of a step into samples.
    ///
    /// Runs on the session's own thread, and must neither wait nor keep the rows.
    ///
    /// - Parameters:
    ///   - rows: valid only during the call.
    ///   - step: the index of the step in ``Plan/steps``.
    ///   - samples: where the samples go.
    /// - Throws: whatever makes the whole result useless; a cell that cannot be read is no such thing, count it by
    ///   ``Samples/skip()``.
    mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) throws

    /// Called after the last step of a run in which every step succeeded.
    ///
    /// - Throws: whatever makes the run useless.
    mutating func finish(into samples: inout Samples) throws
}

extension Reader {
    /// Nothing, by default.
    public mutating func finish(into samples: inout Samples) throws {}
}
