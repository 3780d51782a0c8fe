/// One of the names that Spotify's postgresql-metrics sends, and how it comes from metrics of ours.
struct FFWDMetric: Sendable {
    /// What becomes of the sources' samples, once those with the same attributes are folded into one number per source.
    enum Formula: Sendable, Hashable {
        /// Their sum.
        case sum
        /// Their sum, a ratio, in percent.
        case percent
        /// What their sum grows by in a second, since the poll before: nothing on the first, and nothing when it fell.
        case rate
        /// The part that the first has in all of them, where all are there and not all are 0.
        case share
        /// The part that the first has in what they grew by since the poll before, under the same conditions.
        case shareOfGrowth
        /// Seconds since the latest of these points in time.
        case age
        /// What is left of a limit, in percent; never less than nothing.
        case remaining(of: Double)
        /// The first by the second, unless that is 0.
        case quotient

        /// Whether it is about what counters grew by, which needs the poll before.
        var isGrowth: Bool { self == .rate || self == .shareOfGrowth }
    }

    /// How the samples of one source that have the same attributes become one number.
    enum Fold: Sendable {
        case sum, largest
    }

    /// A label whose value becomes an attribute.
    struct Label: Sendable {
        /// Ours.
        let label: String
        /// Theirs.
        let attribute: String
    }

    /// The function of postgresql-metrics that it comes from.
    let function: String
    let what: String
    let unit: String
    /// Attributes that are always the same.
    let fixed: [(name: String, value: String)]
    let labels: [Label]
    /// Metrics of ours; where they are of several collectors, all of these run once per server, and the first one's run sends.
    let sources: [String]
    let fold: Fold
    /// The samples that count: those that have this label with this value.
    let only: (label: String, value: String)?
    /// A label of a constant: its samples are 1 where it has this value, and 0 where it has another.
    let when: (label: String, value: String)?
    let formula: Formula
    /// A metric of ours, of the sources' collector, that says when their counters last began anew; nil where none does.
    let reset: String?

    init(
        _ function: String, _ what: String, unit: String, fixed: [(name: String, value: String)] = [],
        labels: [(ours: String, theirs: String)] = [], from sources: [String], fold: Fold = .sum,
        only: (label: String, value: String)? = nil, when: (label: String, value: String)? = nil,
        formula: Formula = .sum, reset: String? = nil
    ) {
        self.function = function
        self.what = what
        self.unit = unit
        self.fixed = fixed
        self.labels = labels.map { Label(label: $0.ours, attribute: $0.theirs) }
        self.sources = sources
        self.fold = fold
        self.only = only
        self.when = when
        self.formula = formula
        self.reset = reset
    }

    /// The attributes of a sample that are not always the same: those of its labels, and the server's name where it has one.
    ///
    /// - Returns: nil where the sample does not count.
    func attributes(of sample: PublishedSample) -> [String]? {
        if let only, sample[only.label] != only.value { return nil }
        let values = labels.map { sample[$0.label] ?? "" }
        // What a limit adds up is no table.
        if labels.contains(where: { $0.attribute == "table" }), values.dropFirst().allSatisfy({ $0 == "other" }) {
            return nil
        }
        // What belongs to no database, such as the background processes, is nothing that they would have sent.
        for (label, value) in zip(labels, values) where label.attribute == "database" && value.isEmpty { return nil }
        return values + [sample["server"] ?? ""]
    }

    /// What a sample counts for.
    func value(of sample: PublishedSample) -> Double {
        guard let when else { return sample.value }
        return sample[when.label] == when.value ? 1 : 0
    }

    /// All attributes, of what ``attributes(of:)`` gave.
    func named(_ values: [String]) -> [(name: String, value: String)] {
        var all = [(name: "what", value: what)] + fixed
        for (label, value) in zip(labels, values) { all.append((label.attribute, value)) }
        all.append(("unit", unit))
        if let server = values.last, !server.isEmpty { all.append(("server", server)) }
        return all
    }
}
