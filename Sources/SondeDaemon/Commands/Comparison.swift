import Sonde

/// Two pages, family by family.
struct Comparison: Sendable {
    /// Something in which they differ.
    enum Difference: Sendable, Hashable {
        case missingFamily(String)
        case extraFamily(String)
        case type(String, String, String)
        case labels(String, String, String)
        case missingSample(String, String)
        case extraSample(String, String)
        case value(String, String, Double, Double)
        /// One that is there more than once, in one of the pages.
        case duplicate(String, String, Page)

        enum Page: String {
            case left = "the first"
            case right = "the second"
        }

        var family: String {
            switch self {
            case .missingFamily(let family), .extraFamily(let family), .type(let family, _, _),
                .labels(let family, _, _), .missingSample(let family, _), .extraSample(let family, _),
                .value(let family, _, _, _), .duplicate(let family, _, _):
                family
            }
        }

        /// A line for people.
        var text: String {
            switch self {
            case .missingFamily(let family): "missing family: \(family)"
            case .extraFamily(let family): "extra family: \(family)"
            case .type(let family, let left, let right): "other type: \(family) is \(left), then \(right)"
            case .labels(let family, let left, let right): "other labels: \(family) has {\(left)}, then {\(right)}"
            case .missingSample(_, let sample): "missing sample: \(sample)"
            case .extraSample(_, let sample): "extra sample: \(sample)"
            case .value(_, let sample, let left, let right): "other value: \(sample) is \(left), then \(right)"
            case .duplicate(_, let sample, let page): "same sample twice: \(sample), in \(page.rawValue) page"
            }
        }
    }

    /// What was found, in the order of the families' names.
    private(set) var differences: [Difference] = []
    /// How many families both pages have.
    private(set) var families = 0
    /// How many samples were found equal, and how many were compared by a rule that lets their values differ.
    private(set) var equal = 0
    private(set) var byRule = 0

    /// Compares.
    ///
    /// - Parameters:
    ///   - left: the page as it should be.
    ///   - right: the page as it is; read later.
    ///   - isShape: whether only families, types and names of labels are compared.
    ///   - isWanted: whether a family is compared at all.
    init(
        _ left: ScrapedPage, _ right: ScrapedPage, isShape: Bool = false,
        where isWanted: (String) -> Bool = { _ in true }
    ) {
        for name in Set(left.families.keys).union(right.families.keys).sorted() where isWanted(name) {
            for (family, page) in [(left.families[name], Difference.Page.left), (right.families[name], .right)] {
                differences += Self.duplicates(family?.samples ?? []).map { .duplicate(name, $0, page) }
            }
            // What is not compared may be missing, but not be something else.
            if Self.isIgnored(name) {
                guard let left = left.families[name], let right = right.families[name] else { continue }
                compare(name, left, right, isShape: true)
                continue
            }
            switch (left.families[name], right.families[name]) {
            case (let left?, let right?): compare(name, left, right, isShape: isShape)
            case (.some, nil): differences.append(.missingFamily(name))
            case (nil, .some): differences.append(.extraFamily(name))
            case (nil, nil): break
            }
        }
    }

    private static func isIgnored(_ family: String) -> Bool {
        ComparisonRule.all.contains { $0.kind == .ignored && Pattern.matches(family, $0.families) }
    }

    private mutating func compare(
        _ name: String, _ left: ScrapedPage.Family, _ right: ScrapedPage.Family, isShape: Bool
    ) {
        families += 1
        if left.type != right.type { differences.append(.type(name, left.type, right.type)) }
        let (ours, theirs) = (Self.labels(left), Self.labels(right))
        if ours != theirs {
            differences.append(.labels(name, ours, theirs))
        } else if !isShape {
            compareSamples(name, left, right)
        }
    }

    /// All names of labels that occur; one that is empty in every sample is none.
    private static func labels(_ family: ScrapedPage.Family) -> String {
        Set(family.labelNames.flatMap { $0 }).sorted().joined(separator: ",")
    }

    private mutating func compareSamples(_ name: String, _ left: ScrapedPage.Family, _ right: ScrapedPage.Family) {
        let before = Self.table(left, of: name)
        let after = Self.table(right, of: name)
        for (key, sample) in before.sorted(by: { $0.key < $1.key }) {
            let rule = Self.rule(for: sample, of: name)
            guard let other = after[key] else {
                if rule?.kind != .common { differences.append(.missingSample(name, key)) }
                continue
            }
            if rule != nil { byRule += 1 }
            switch rule?.kind {
            case .anyValue, .only, .ignored: continue
            case .grows where other.value >= Self.least(sample.value),
                .common where other.value >= Self.least(sample.value):
                continue
            default:
                if sample.value == other.value || sample.value.isNaN && other.value.isNaN {
                    if rule == nil { equal += 1 }
                } else {
                    differences.append(.value(name, key, sample.value, other.value))
                }
            }
        }
        for (key, sample) in after.sorted(by: { $0.key < $1.key }) where before[key] == nil {
            if Self.rule(for: sample, of: name)?.kind != .common { differences.append(.extraSample(name, key)) }
        }
    }

    /// What a value is at least that was read later, though it was divided or rounded in another way.
    private static func least(_ value: Double) -> Double { value - 2 * value.ulp }

    private static func rule(for sample: ScrapedPage.Sample, of family: String) -> ComparisonRule? {
        ComparisonRule.all.first { $0.covers(family, sample) }
    }

    /// What is there more than once, in the order of its names; such a page is none to Prometheus.
    private static func duplicates(_ samples: [ScrapedPage.Sample]) -> [String] {
        var counts: [String: Int] = [:]
        for sample in samples { counts[key(sample.name, sample.labels.filter { !$0.value.isEmpty }), default: 0] += 1 }
        return counts.filter { $0.value > 1 }.keys.sorted()
    }

    /// The samples by what tells them apart: their labels but `server`, whose value is each program's own name for the server unless the
    /// page has several, and but those that are empty, which is the same as absent.
    private static func table(_ family: ScrapedPage.Family, of name: String) -> [String: ScrapedPage.Sample] {
        var table: [String: ScrapedPage.Sample] = [:]
        let hasServers = Set(family.samples.map { $0.labels["server"] }).count > 1
        for sample in family.samples {
            var labels = sample.labels.filter { ($0.key != "server" || hasServers) && !$0.value.isEmpty }
            if case .only(let kept)? = rule(for: sample, of: name)?.kind {
                labels = labels.filter { kept.contains($0.key) }
            }
            table[key(sample.name, labels)] = sample
        }
        return table
    }

    private static func key(_ name: String, _ labels: [String: String]) -> String {
        let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(value(of: $0.key, $0.value))\"" }
            .joined(separator: ",")
        return text.isEmpty ? name : "\(name){\(text)}"
    }

    /// A label's value, which is a number, written in one way, where it parts histograms and summaries.
    private static func value(of label: String, _ text: String) -> String {
        guard label == "le" || label == "quantile", let number = ScrapedPage.number(text[...]) else { return text }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
