/// Something that turns what a server says into samples.
///
/// ``Definition`` is the collector that most need: a list of columns and a FROM. Write your own for what that cannot say: several
/// queries, numbers that depend on the poll before, units that differ by row.
///
/// A collector is a description and holds no state: what must be remembered between polls lives in the ``Reader`` that it makes for
/// each server and database.
public protocol Collector: Sendable {
    /// The name, in lower-case letters, digits and `_`, under which the user enables and configures it.
    var name: String { get }
    /// One sentence: what it shows and where that comes from.
    var help: String { get }
    /// Everything that it can ever emit, in the order of the page; checked for clashes before the first poll.
    var metrics: [Metric] { get }
    /// How dear it is; sessions run the cheap first, and the heavy apart.
    var cost: Cost { get }
    /// When it runs, unless the user says otherwise.
    var timing: Timing { get }
    /// Whether it runs once per server or in every database.
    var per: Scope { get }
    /// Whether it runs unless the user says otherwise.
    var enabled: Bool { get }

    /// The statements for a server.
    ///
    /// - Parameters:
    ///   - facts: what is known of the server; the daemon plans again when they change.
    ///   - refused: the columns that this server did not accept, by the names of the steps' spans.
    func plan(for facts: Facts, without refused: Set<String>) -> Plan

    /// A reader for one server, or for one of its databases.
    ///
    /// - Parameter timing: the times in force, which the user may have changed.
    func makeReader(for timing: Timing) -> any Reader
}

extension Collector {
    public var cost: Cost { .light }
    public var timing: Timing { cost.timing }
    public var per: Scope { .server }
    public var enabled: Bool { true }
}

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
    public mutating func finish(into samples: inout Samples) throws {}
}
