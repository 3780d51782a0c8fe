/// The limit of a definition at work: reads all rows as numbers, and says which of them are shown and what `other` is.
struct Crowd: Sendable {
    /// What a poll's rows are shown as.
    struct Shown {
        /// The places of the rows' labels, none for a row without a name.
        var places: [LabelSets.Place]
        /// The value of `other`, metric by metric, in the base unit.
        var others: [Double?]
        /// The labels of `other`.
        var other: LabelSets.Place
    }

    private let limit: Limit
    private let labels: [String]
    private let columns: [String]
    private let scales: [Unit.Scale]
    private let census: Census
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Makes a crowd of nobody.
    ///
    /// - Parameters:
    ///   - limit: the limit.
    ///   - definition: what it is the limit of.
    ///   - columns: the definition's metrics that are one number.
    ///   - now: the time.
    init(
        _ limit: Limit, of definition: Definition, columns: [Column],
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.limit = limit
        labels = definition.columns.filter { $0.kind == .label }.map(\.name)
        self.columns = columns.map(\.name)
        scales = columns.map(\.unit.scale)
        census = Census(
            columns.map { $0.kind == .counter ? .counter : .gauge($0.other) },
            rankedBy: columns.indices.filter { limit.by.contains(columns[$0].name) })
        self.now = now
    }

    /// A poll without rows.
    func makePoll() -> Poll {
        Poll(width: columns.count)
    }

    /// Adds the rows of a result to a poll; those whose labels were there already are left out.
    func add(
        _ rows: borrowing Rows, _ places: [LabelSets.Place], _ sets: borrowing LabelSets, to poll: inout Poll
    ) {
        let found = columns.map { rows.index(of: $0) }
        let isDecimal = found.map { $0.map { Number.isDecimal(rows.columns[$0].type) } ?? true }
        for (column, place) in found.enumerated() {
            if place != nil { poll.isThere[column] = true }
            if !isDecimal[column] { poll.isInBase[column] = true }
        }
        let since = rows.index(of: Query.since)
        poll.hasSince = since != nil
        if rows.count > limit.cap { poll.isComplete = false }
        poll.reserve(rows.count)
        for row in 0..<rows.count where places[row].count > 0 {
            var began: UInt64 = 0
            if let since, let cell = unsafe rows.cell(row, since) {
                began = unsafe Fingerprint.short(UnsafeBufferPointer(start: cell.base, count: cell.count))
            }
            poll.add(sets.fingerprint(of: places[row]), since: began)
            for column in 0..<found.count {
                guard let place = found[column], let cell = unsafe rows.cell(row, place) else {
                    poll.values.append(.nan)
                    continue
                }
                let type = isDecimal[column] ? 0 : rows.columns[place].type
                poll.values.append(unsafe Figure.read(cell, isDecimal: isDecimal[column], type: type))
            }
        }
    }

    /// Gives names, and adds the rest up.
    ///
    /// - Parameters:
    ///   - poll: all rows.
    ///   - places: those of the rows' labels; a row without any is not in the poll.
    ///   - samples: where the labels are, and what is folded is counted.
    /// - Returns: what is to be shown.
    func show(_ poll: Poll, _ places: [LabelSets.Place], in samples: inout Samples) -> Shown {
        samples.sets.begin(samples.fixed)
        for label in labels { samples.sets.add(label, "other") }
        // A row of the server's may look like this one; it is never shown itself.
        let other = samples.sets.close()
        let reserved = samples.sets.fingerprint(of: other)
        let most = samples.places(for: min(limit.rows, poll.count))
        let outcome = census.take(poll, naming: most, except: reserved, at: now())
        samples.counts.folded += outcome.folded
        samples.counts.dropped += outcome.dropped
        if !poll.isComplete { samples.counts.truncated += 1 }
        var shown = Shown(places: places, others: outcome.others, other: other)
        var next = 0
        for row in places.indices where places[row].count > 0 {
            if !outcome.isNamed[next] { shown.places[row] = .none }
            next += 1
        }
        for column in shown.others.indices {
            shown.others[column] = shown.others[column].map { poll.isInBase[column] ? $0 : scales[column].base($0) }
        }
        return shown
    }
}
