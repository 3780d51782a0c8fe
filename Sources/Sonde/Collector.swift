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
    /// What the names of families begin with that are known only once the server was asked, and which ``Samples/declare(_:)`` then
    /// adds; no other collector may have a family of such a name. None, by default.
    var prefixes: [String] { get }
    /// How dear it is; sessions run the cheap first, and the heavy apart.
    var cost: Cost { get }
    /// When it runs, unless the user says otherwise.
    var timing: Timing { get }
    /// Whether it runs once per server or in every database.
    var per: Scope { get }
    /// The databases that it runs in, where it runs in every one.
    var databases: Databases { get }
    /// Whether it runs unless the user says otherwise.
    var enabled: Bool { get }
    /// How many rows it shows by name; nil for all.
    var limit: Limit? { get }
    /// The kind of server that it asks; on others it does not exist.
    var kind: ServerKind { get }
    /// What its plan depends on, beyond what ``Facts`` always tell.
    var questions: Questions { get }

    /// The statements for a server; given up where it does not end within the collector's time limit.
    ///
    /// - Parameters:
    ///   - facts: what is known of the server; the daemon plans again when they change.
    ///   - refused: the columns that this server did not accept, by the names of the steps' spans.
    /// - Returns: what to run, or why there is nothing to run.
    func plan(for facts: Facts, without refused: Set<String>) -> Plan

    /// The same collector with another limit, where it has one.
    func limited(to limit: Limit) -> Self

    /// A reader for one server, or for one of its databases.
    ///
    /// - Parameter timing: the times in force, which the user may have changed.
    /// - Returns: a reader that has seen nothing yet.
    func makeReader(for timing: Timing) -> any Reader
}

extension Collector {
    /// None, by default.
    public var prefixes: [String] { [] }
    /// Light, by default.
    public var cost: Cost { .light }
    /// What the cost gives, by default.
    public var timing: Timing { cost.timing }
    /// Once per server, by default.
    public var per: Scope { .server }
    /// All databases, by default.
    public var databases: Databases { .all }
    /// It runs, by default.
    public var enabled: Bool { true }
    /// All rows, by default.
    public var limit: Limit? { nil }
    /// Itself, by default.
    public func limited(to limit: Limit) -> Self { self }
    /// PostgreSQL, by default.
    public var kind: ServerKind { .postgresql }
    /// Nothing, by default.
    public var questions: Questions { Questions() }
}
