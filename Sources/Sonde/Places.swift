import Synchronization

/// The rows that all databases of a server may show by name together, shared out among them.
///
/// Small databases get what they want, the large ones equal shares of what is left. A share that grows waits until another has
/// shrunk, so that there are never more than ``total``.
package final class Places: Sendable {
    private struct Claim {
        var wanted = 0
        var granted = 0
    }

    package let total: Int
    private let claims = Mutex<[String: Claim]>([:])

    /// Makes so many places.
    package init(total: Int) {
        self.total = total
    }

    /// Says how many places a database has from now on.
    ///
    /// - Parameters:
    ///   - wanted: as many as it could use.
    ///   - owner: the database.
    /// - Returns: as many, or less.
    package func claim(_ wanted: Int, for owner: String) -> Int {
        claims.withLock { claims in
            claims[owner, default: Claim()].wanted = wanted
            let taken = claims.reduce(0) { $0 + ($1.key == owner ? 0 : $1.value.granted) }
            let share = Self.share(of: total, among: claims.values.map(\.wanted))
            let granted = max(min(wanted, share, total - taken), 0)
            claims[owner]?.granted = granted
            return granted
        }
    }

    /// Takes the places back of databases that are no longer there.
    package func keep(only owners: Set<String>) {
        claims.withLock { claims in claims = claims.filter { owners.contains($0.key) } }
    }

    /// The most that one may have so that all together have no more than there is.
    private static func share(of total: Int, among wanted: [Int]) -> Int {
        var left = total
        for (index, want) in wanted.sorted().enumerated() {
            let share = left / (wanted.count - index)
            if want > share { return share }
            left -= want
        }
        return .max
    }
}
