/// Which rows of a limited definition are shown by name.
///
/// Whoever has a name keeps it, so that series do not come and go: for an hour at least, and then until a row without one is clearly
/// larger. A name that is lost is not given again for an hour: until then a range that covers both times would count twice what
/// `other` had of it.
struct Names: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A row that may have a name, by its place among all rows that are known.
    struct Candidate {
        let place: Int
        let score: Double
    }

    static let rest = Duration.seconds(3_600)
    /// How many times as large a row must be as the one whose name it takes.
    static let margin = 1.2

    /// When each row was named, by its place.
    private(set) var named: [Int: Instant] = [:]
    private var banned: [Fingerprint: Instant] = [:]

    func has(_ place: Int) -> Bool {
        named[place] != nil
    }

    func isBanned(_ key: Fingerprint) -> Bool {
        !banned.isEmpty && banned[key] != nil
    }

    /// Lets those have a name again whose time has come.
    mutating func pardon(at now: Instant) {
        guard banned.contains(where: { $0.value <= now }) else { return }
        banned = banned.filter { $0.value > now }
    }

    /// Takes a name away.
    mutating func remove(_ place: Int, _ key: Fingerprint, at now: Instant) {
        named[place] = nil
        banned[key] = now + Self.rest
    }

    /// Says who is to lose a name and who is to get one.
    ///
    /// - Parameters:
    ///   - rows: all rows of the poll, named or not.
    ///   - most: how many may have a name.
    ///   - now: the time.
    ///   - mayBeNamed: whether a row without a name may get one.
    /// - Returns: the places of both.
    func change(
        _ rows: [Candidate], most: Int, at now: Instant, mayBeNamed: (Int) -> Bool
    ) -> (lose: [Int], get: [Int]) {
        let holders = rows.filter { has($0.place) }.sorted { ($0.score, $0.place) < ($1.score, $1.place) }
        let excess = max(holders.count - most, 0)
        var lose = holders.prefix(excess).map(\.place)
        var free = max(most - holders.count, 0)
        // Those whose name may be taken, the smallest first.
        let weak = excess > 0 ? [] : holders.filter { now - (named[$0.place] ?? now) >= Self.rest }
        let least = free > 0 ? -Double.infinity : weak.first.map(Self.bar) ?? .infinity
        guard least < .infinity else { return (lose, []) }
        let others = rows.filter { $0.score >= least && !has($0.place) && mayBeNamed($0.place) }
            .sorted { $0.score > $1.score || $0.score == $1.score && $0.place < $1.place }
        var get: [Int] = []
        var next = weak.startIndex
        for candidate in others {
            if free > 0 {
                free -= 1
            } else {
                guard next < weak.endIndex, candidate.score > Self.bar(weak[next]) else { break }
                lose.append(weak[next].place)
                next += 1
            }
            get.append(candidate.place)
        }
        return (lose, get)
    }

    mutating func add(_ place: Int, at now: Instant) {
        named[place] = now
    }

    /// What a row must pass to take the name of this one.
    private static func bar(_ holder: Candidate) -> Double {
        holder.score + abs(holder.score) * (margin - 1)
    }
}
