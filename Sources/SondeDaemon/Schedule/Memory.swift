import Sonde

/// What a lane remembers of a database from one visit to the next.
struct Memory: Sendable {
    /// What the last plans rested on.
    var facts: Facts?
    /// Whether the role may read the control file, where the timeline stands.
    var hasTimeline = true
    /// The collectors' readers, which may compare a poll with the one before.
    var readers: [Int: any Reader] = [:]
    /// The collectors in code.
    var guests: [Int: GuestReader] = [:]
    /// The columns that the server did not accept, collector by collector, for as long as the facts hold.
    var refused: [Int: Set<String>] = [:]
    /// What the server last said when it did not accept something, collector by collector.
    var refusals: [Int: String] = [:]
    /// The collectors that ask for themselves, since something was wrong with what they asked together with others.
    var apart: Set<Int> = []

    /// What holds of it under another configuration.
    ///
    /// - Parameters:
    ///   - moves: the places there of the collectors that are the same.
    ///   - isFresh: whether a collector's reader begins anew all the same.
    /// - Returns: the rest, in its new places.
    func moved(by moves: [Int: Int], without isFresh: (Int) -> Bool) -> Memory {
        var memory = self
        memory.readers = [:]
        memory.guests = [:]
        memory.refused = [:]
        memory.refusals = [:]
        for (old, new) in moves {
            if !isFresh(old) { memory.readers[new] = readers[old] }
            // One that still runs is not left to itself and begun once more.
            if !isFresh(old) || guests[old]?.isBusy == true { memory.guests[new] = guests[old] }
            memory.refused[new] = refused[old]
            memory.refusals[new] = refusals[old]
        }
        memory.apart = Set(apart.compactMap { moves[$0] })
        return memory
    }

    /// Forgets what held for other facts.
    mutating func forget() {
        refused = [:]
        refusals = [:]
        apart = []
    }
}
