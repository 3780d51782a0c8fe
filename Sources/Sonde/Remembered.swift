/// What each relation showed when it was last read, for as long as a lock keeps us from reading it again.
///
/// Values are kept as text in one array, since there may be ten thousand relations. What a run that did not come to its end read is
/// forgotten: the page never showed it either.
struct Remembered: Sendable {
    private struct Entry: Sendable {
        /// Where its values begin: for each a byte of length, or 255 for none, and the text.
        let start: Int
        let readAt: ContinuousClock.Instant
    }

    private struct Generation: Sendable {
        var bytes: [UInt8] = []
        var entries: [UInt32: Entry] = [:]
    }

    private static let none: UInt8 = 255

    /// What the last whole run found, and what the run under way has found so far.
    private var last = Generation()
    private var next = Generation()

    /// How many relations are remembered from the last whole run.
    var count: Int { last.entries.count }

    /// Begins a run.
    mutating func begin() {
        next = Generation()
    }

    /// Ends a run in which everything succeeded; relations that it did not find are forgotten.
    mutating func finish() {
        last = next
        next = Generation()
    }

    /// Remembers a row's cells in some columns, nil for a column that the result does not have.
    mutating func keep(
        _ relation: UInt32, _ rows: borrowing Rows, _ row: Int, _ columns: [Int?], at now: ContinuousClock.Instant
    ) {
        next.entries[relation] = Entry(start: next.bytes.count, readAt: now)
        for column in columns {
            guard let column, let cell = unsafe rows.cell(row, column), unsafe cell.count < Int(Self.none) else {
                next.bytes.append(Self.none)
                continue
            }
            next.bytes.append(unsafe UInt8(cell.count))
            unsafe next.bytes.append(contentsOf: UnsafeBufferPointer(start: cell.base, count: cell.count))
        }
    }

    /// Takes a relation that could not be read over from the last run, unless what it showed is older than `age`.
    ///
    /// - Returns: what ``withText(of:at:_:)`` finds its values by.
    mutating func carry(_ relation: UInt32, columns: Int, at now: ContinuousClock.Instant, within age: Duration) -> Int?
    {
        guard let old = last.entries[relation], now - old.readAt < age else { return nil }
        var end = old.start
        for _ in 0..<columns { end += length(last.bytes[end]) }
        let start = next.bytes.count
        next.bytes.append(contentsOf: last.bytes[old.start..<end])
        next.entries[relation] = Entry(start: start, readAt: old.readAt)
        return start
    }

    /// The text of a value of a relation that was taken over.
    ///
    /// - Returns: nil where it had none.
    func withText<Result>(of column: Int, at start: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        var at = start
        for _ in 0..<column { at += length(next.bytes[at]) }
        guard next.bytes[at] != Self.none else { return nil }
        let range = at + 1..<at + length(next.bytes[at])
        return unsafe next.bytes.withUnsafeBufferPointer { unsafe body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    private func length(_ first: UInt8) -> Int {
        first == Self.none ? 1 : 1 + Int(first)
    }
}
