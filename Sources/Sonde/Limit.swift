/// How many rows of a definition are shown by name; the rest is added up in one row whose labels are all `other`.
///
/// All rows are read in each poll, and ranked in the daemon. Named counters are the server's own values. A counter's `other` begins
/// at 0 with the process and grows by what the rows without a name grow by, so that `sum(rate(…))` is the true total.
public struct Limit: Sendable, Hashable {
    /// What shall be called by name, at the most: of a server, or of each database of a collector that runs per database.
    public var rows: Int
    /// The same, over all databases of a server; nil where ``rows`` is all there is to say.
    public var perServer: Int?
    /// The columns whose sum ranks the rows, the largest first.
    public var by: [String]
    /// Since when a row has counted, where the server says so: one that is newer counts whole in `other`.
    public var since: SQL?
    /// The most rows that are read at all: where there are more, `other` is absent.
    public var cap: Int

    /// The most rows that are read unless a definition says otherwise.
    public static let usualCap = 100_000

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - rows: the most rows that are shown by name.
    ///   - perServer: the most over all databases of a server.
    ///   - by: the gauges and counters whose sum ranks the rows.
    ///   - since: an expression that tells since when a row has counted.
    ///   - cap: the most rows that are read.
    public init(rows: Int, perServer: Int? = nil, by: [String], since: SQL? = nil, cap: Int = usualCap) {
        self.rows = rows
        self.perServer = perServer
        self.by = by
        self.since = since
        self.cap = cap
    }
}
