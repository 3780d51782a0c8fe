import Synchronization

/// Decides which rows of a limited definition are shown by name, and reckons what the rest comes to; remembers all rows of the poll
/// before, as numbers only.
///
/// What a row without a name grew by goes to `other`; a value that fell, a newer beginning, and a row that the previous complete poll
/// did not have count whole. In the poll in which a row gets or loses its name, what it grew by goes to `other` too: the series of
/// its name begins, or ended, without it.
final class Census: Sendable {
    /// What a column's numbers come to in `other`.
    enum Kind: Sendable, Hashable {
        case counter
        case gauge(Fold)
    }

    /// What a poll came to.
    struct Outcome {
        /// Whether each row of the poll is shown by name.
        var isNamed: [Bool] = []
        /// The value of `other`, column by column; nil where it has none.
        var others: [Double?] = []
        /// Values that went into `other`.
        var folded = 0
        /// Values that are shown nowhere.
        var dropped = 0
    }

    private struct State: ~Copyable {
        var rows = KnownRows()
        var names = Names()
        var totals: [Double]
        /// The columns that the previous complete poll had.
        var had: [Bool]
        var hadSince = false
        /// The columns that have had a number in any row, and those whose `other` has been shown.
        var isUsed: [Bool]
        var isShown: [Bool]
        /// Whether there was a complete poll.
        var isPrimed = false
    }

    /// Two values that differ by less are the same: their texts may be read to neighbouring numbers.
    private static let tolerance = 1e-12

    private let kinds: [Kind]
    private let ranks: [Int]
    private let state: Mutex<State>

    /// Makes a census of nothing.
    ///
    /// - Parameters:
    ///   - kinds: the columns.
    ///   - ranks: the columns whose sum ranks the rows.
    init(_ kinds: [Kind], rankedBy ranks: [Int]) {
        self.kinds = kinds
        self.ranks = ranks
        state = Mutex(
            State(
                totals: Array(repeating: 0, count: kinds.count), had: Array(repeating: false, count: kinds.count),
                isUsed: Array(repeating: false, count: kinds.count),
                isShown: Array(repeating: false, count: kinds.count)))
    }

    /// Takes a poll in.
    ///
    /// - Parameters:
    ///   - poll: its rows.
    ///   - most: how many of them may be named.
    ///   - reserved: the row that looks like `other` itself, and so is never named.
    ///   - now: the time.
    /// - Returns: what it came to.
    func take(_ poll: Poll, naming most: Int, except reserved: Fingerprint, at now: ContinuousClock.Instant) -> Outcome
    {
        state.withLock { take(poll, most, reserved, now, &$0) }
    }

    private func take(
        _ poll: Poll, _ most: Int, _ reserved: Fingerprint, _ now: ContinuousClock.Instant, _ state: inout State
    ) -> Outcome {
        let places = state.rows.find(poll, width: kinds.count)
        let before = state.names.named
        choose(poll, places, most, reserved, now, &state)
        var outcome = Outcome()
        outcome.isNamed = places.map { state.names.has($0) }
        var folds: [Double?] = Array(repeating: nil, count: kinds.count)
        let wasKnown = state.isPrimed
        for row in 0..<poll.count {
            let place = places[row]
            let isNamed = outcome.isNamed[row]
            // A name that it had and keeps: the page shows the growth.
            let isShown = isNamed && before[place] != nil
            let isNewer =
                poll.hasSince && state.hadSince && state.rows.isKnown[place]
                && state.rows.sinces[place] != poll.sinces[row]
            for column in 0..<kinds.count {
                let value = poll.values[row &* kinds.count &+ column]
                if value.isNaN { continue }
                guard case .gauge(let fold) = kinds[column] else {
                    let old = state.rows.values[place &* kinds.count &+ column]
                    if poll.isComplete, !isShown, wasKnown, state.had[column] {
                        state.totals[column] += isNewer ? value : Self.growth(from: old, to: value)
                    }
                    if poll.isComplete {
                        state.rows.values[place &* kinds.count &+ column] = value
                        state.isUsed[column] = true
                    }
                    if !isNamed { outcome.folded &+= 1 }
                    continue
                }
                if isNamed { continue }
                if fold == .none { outcome.dropped &+= 1 } else { outcome.folded &+= 1 }
                folds[column] = Self.fold(value, into: folds[column], by: fold)
            }
        }
        guard poll.isComplete else {
            outcome.dropped += outcome.folded
            outcome.folded = 0
            outcome.others = Array(repeating: nil, count: kinds.count)
            return outcome
        }
        outcome.others = folds
        for column in kinds.indices where kinds[column] == .counter && poll.isThere[column] && state.isUsed[column] {
            // A series that begins at more than 0 would hide what it has grown by.
            outcome.others[column] = state.isShown[column] ? state.totals[column] : 0
            state.isShown[column] = true
        }
        state.rows.settle(poll, places)
        state.had = poll.isThere
        state.hadSince = poll.hasSince
        state.isPrimed = true
        return outcome
    }

    /// Gives and takes names.
    private func choose(
        _ poll: Poll, _ places: [Int], _ most: Int, _ reserved: Fingerprint, _ now: ContinuousClock.Instant,
        _ state: inout State
    ) {
        state.names.pardon(at: now)
        for place in state.names.named.keys where !state.rows.isSeen(place) {
            state.names.remove(place, state.rows.keys[place], at: now)
        }
        var candidates: [Names.Candidate] = []
        candidates.reserveCapacity(poll.count)
        for row in 0..<poll.count {
            var score = 0.0
            for column in ranks {
                let value = poll.values[row &* kinds.count &+ column]
                if !value.isNaN { score += value }
            }
            candidates.append(Names.Candidate(place: places[row], score: score))
        }
        let (names, keys) = (state.names, state.rows.keys)
        let (lose, get) = names.change(candidates, most: most, at: now) { place in
            keys[place] != reserved && !names.isBanned(keys[place])
        }
        for place in lose { state.names.remove(place, keys[place], at: now) }
        for place in get { state.names.add(place, at: now) }
    }

    /// What a counter grew by: all of it where it fell, or was not there.
    private static func growth(from old: Double, to value: Double) -> Double {
        if old.isNaN { return max(value, 0) }
        if value >= old { return value - old }
        return value >= old - old.magnitude * tolerance ? 0 : max(value, 0)
    }

    private static func fold(_ value: Double, into sum: Double?, by fold: Fold) -> Double? {
        guard let sum else { return fold == .none ? nil : value }
        return switch fold {
        case .none: nil
        case .sum: sum + value
        case .max: max(sum, value)
        case .min: min(sum, value)
        }
    }
}
