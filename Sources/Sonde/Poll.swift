/// The rows of one poll of a limited definition, as numbers.
struct Poll: Sendable {
    /// How many numbers a row has.
    let width: Int
    /// Whether the result has the column of each number.
    var isThere: [Bool]
    /// Whether each number is in its base unit already.
    var isInBase: [Bool]
    /// Whether the rows say since when they have counted.
    var hasSince = false
    /// Whether these are all the rows that the server has.
    var isComplete = true
    private(set) var keys: [Fingerprint] = []
    private(set) var sinces: [UInt64] = []
    /// The rows' numbers, one row after the other; NaN for none.
    var values: [Double] = []

    init(width: Int) {
        self.width = width
        isThere = Array(repeating: false, count: width)
        isInBase = isThere
    }

    var count: Int { keys.count }

    mutating func reserve(_ more: Int) {
        keys.reserveCapacity(count + more)
        sinces.reserveCapacity(count + more)
        values.reserveCapacity((count + more) * width)
    }

    /// Adds a row, whose numbers are then to be appended to ``values``.
    mutating func add(_ key: Fingerprint, since: UInt64 = 0) {
        keys.append(key)
        sinces.append(since)
    }
}
