/// Reads the results of one collector's statements from one server or database, poll after poll.
public protocol Reader: Sendable {
    /// Turns the rows of a step into samples.
    ///
    /// Runs when all statements of the run have succeeded, on a thread that nothing else needs. It may take the collector's time limit;
    /// then its task is cancelled, and what does not end a second later is given up: the run has failed, and there is no other before it
    /// has ended after all, which begins with a new reader.
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
