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
    /// When the server was started, in seconds since 1970.
    let origin: Double
    private var values: [Series: Double] = [:]
    /// The attributes that each series counts for.
    private var attributes: [Series: [String]] = [:]
    /// When the counters of some attributes last began anew.
    private var resets: [[String]: Double] = [:]

    init(at: ContinuousClock.Instant, origin: Double = 0) {
        self.at = at
        self.origin = origin
    }

    /// Notes when the counters of some attributes last began anew.
    mutating func noteReset(_ time: Double, of attributes: [String]) {
        resets[attributes] = time
    }

    /// Notes a sample of a source.
    mutating func add(_ sample: PublishedSample, of source: Int, for attributes: [String]) {
        let series = Series(source: source, labels: sample.labels.flatMap { [$0.name, $0.value] })
        values[series] = sample.value
        self.attributes[series] = attributes
    }

    /// What each source grew by since another poll, by attributes; without those that began anew in between, which a series that fell
    /// tells too, and without anything where it was another server, or the same one before a restart.
    ///
    /// - Parameters:
    ///   - before: the other poll.
    ///   - count: the number of sources.
    /// - Returns: nil in the place of a source of which no series was there before.
    func growth(since before: FFWDGrowth, sources count: Int) -> [[String]: [Double?]] {
        guard origin == before.origin else { return [:] }
        var growth: [[String]: [Double?]] = [:]
        var fallen: Set<[String]> = []
        for (series, value) in values {
            guard let earlier = before.values[series], let attributes = attributes[series] else { continue }
            if value < earlier { fallen.insert(attributes) }
            let sum = growth[attributes]?[series.source] ?? 0
            growth[attributes, default: Array(repeating: nil, count: count)][series.source] = sum + value - earlier
        }
        return growth.filter { !fallen.contains($0.key) && resets[$0.key] == before.resets[$0.key] }
    }
}
