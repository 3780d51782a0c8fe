/// A poll of counters, series by series, and what they have grown by since another.
///
/// Each series by itself: one that is new counts from the next poll on, for it may come with all that it has counted since long ago.
struct FFWDGrowth: Sendable {
    private struct Series: Sendable, Hashable {
        /// The place of its metric among the sources.
        let source: Int
        /// Names and values.
        let labels: [String]
    }

    let at: ContinuousClock.Instant
    private var values: [Series: Double] = [:]
    /// The attributes that each series counts for.
    private var attributes: [Series: [String]] = [:]

    init(at: ContinuousClock.Instant) {
        self.at = at
    }

    /// Notes a sample of a source.
    mutating func add(_ sample: PublishedSample, of source: Int, for attributes: [String]) {
        let series = Series(source: source, labels: sample.labels.flatMap { [$0.name, $0.value] })
        values[series] = sample.value
        self.attributes[series] = attributes
    }

    /// What each source grew by since another poll, by attributes; without those of which a series fell: statistics were reset.
    ///
    /// - Parameters:
    ///   - before: the other poll.
    ///   - count: the number of sources.
    /// - Returns: nil in the place of a source of which no series was there before.
    func growth(since before: FFWDGrowth, sources count: Int) -> [[String]: [Double?]] {
        var growth: [[String]: [Double?]] = [:]
        var fallen: Set<[String]> = []
        for (series, value) in values {
            guard let earlier = before.values[series], let attributes = attributes[series] else { continue }
            if value < earlier { fallen.insert(attributes) }
            let sum = growth[attributes]?[series.source] ?? 0
            growth[attributes, default: Array(repeating: nil, count: count)][series.source] = sum + value - earlier
        }
        return growth.filter { !fallen.contains($0.key) }
    }
}
