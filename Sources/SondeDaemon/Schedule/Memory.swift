import Sonde

/// What a lane remembers of a database from one visit to the next.
struct Memory: Sendable {
    /// What the last plans rested on.
    var facts: Facts?
    /// Whose numbers the readers remember, also while the facts are to be asked for anew.
    private(set) var origin: Facts?
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
    /// What the role may not do that a collector wanted of the server, for as long as the facts hold.
    var lacking: [Int: [Privilege]] = [:]
    /// All that was ever found lacking: it is asked for with the facts, so that a GRANT is seen.
    private(set) var questions: Set<Privilege> = []
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
        memory.lacking = [:]
        for (old, new) in moves {
            if !isFresh(old) { memory.readers[new] = readers[old] }
            // One that still runs is not left to itself and begun once more.
            if !isFresh(old) || guests[old]?.isBusy == true { memory.guests[new] = guests[old] }
            memory.refused[new] = refused[old]
            memory.refusals[new] = refusals[old]
            memory.lacking[new] = lacking[old]
        }
        memory.apart = Set(apart.compactMap { moves[$0] })
        return memory
    }

    /// Remembers what the role may not do that a collector wanted.
    mutating func note(lacking privileges: [Privilege], for collector: Int) {
        lacking[collector] = privileges
        questions.formUnion(privileges)
    }

    /// Goes on with facts as they are now: forgets what held for others, and the numbers of another server.
    mutating func take(_ fresh: Facts) {
        if let origin, fresh.isOfAnotherServer(than: origin) { readers = [:] }
        if let facts, facts != fresh {
            refused = [:]
            refusals = [:]
            lacking = [:]
            apart = []
        }
        facts = fresh
        origin = fresh
    }
}
