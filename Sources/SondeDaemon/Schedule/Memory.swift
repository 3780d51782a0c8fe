import Sonde

/// What a lane remembers of a database from one visit to the next.
struct Memory: Sendable {
    /// What the last plans rested on.
    var facts: Facts?
    /// Whether the role may read the control file, where the timeline stands.
    var hasTimeline = true
    /// The collectors' readers, which may compare a poll with the one before.
    var readers: [Int: any Reader] = [:]
    /// The columns that the server did not accept, collector by collector, for as long as the facts hold.
    var refused: [Int: Set<String>] = [:]
    /// What the server last said when it did not accept something, collector by collector.
    var refusals: [Int: String] = [:]
    /// The collectors that ask for themselves, since something was wrong with what they asked together with others.
    var apart: Set<Int> = []

    /// Forgets what held for other facts.
    mutating func forget() {
        refused = [:]
        refusals = [:]
        apart = []
    }
}
