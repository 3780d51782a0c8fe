import NIOCore
import Sonde

/// Makes messages of what collectors publish, and remembers as much of it as the next rates need.
struct FFWDTranslator: Sendable {
    /// What a collector published in one poll.
    struct Publication: Sendable {
        let source: Store.Source
        /// When the server was started, in seconds since 1970: there is no rate across a restart, or from one server to another.
        var origin = 0.0
        /// A text per metric of the collector.
        let texts: [ByteBuffer]
        let at: ContinuousClock.Instant
        /// Milliseconds since 1970.
        let time: Int64
    }

    /// A metric of the profile, and where its sources are.
    private struct Place {
        let metric: FFWDMetric
        let sources: [(collector: Int, family: Int)]
        /// Where it stands when the sources' counters last began anew; nil where nothing says so.
        let reset: (collector: Int, family: Int)?
    }

    /// The sums of a metric's sources, by the attributes that are not always the same.
    private typealias Sums = [[String]: [Double?]]

    private let key: String
    /// The host of each server.
    private let hosts: [String]
    private let places: [Place]
    /// The poll before, by where it came from, of each metric that needs it.
    private var before: [Store.Source: [Int: FFWDGrowth]] = [:]
    /// What was last seen of sources that are of another collector than the metric's first, by server and metric.
    private var others: [Int: [Int: Sums]] = [:]

    /// Makes a translator that has seen nothing yet.
    ///
    /// - Parameters:
    ///   - profile: what there is to send; what has no source among the collectors is left out.
    ///   - registry: the collectors.
    ///   - key: what FFWD calls the key.
    ///   - hosts: the host of each server.
    init(_ profile: [FFWDMetric] = FFWDProfile.metrics, registry: Registry, key: String, hosts: [String]) {
        self.key = key
        self.hosts = hosts
        var families: [String: (collector: Int, family: Int)] = [:]
        for (collector, entry) in registry.entries.enumerated() {
            for (family, metric) in entry.collector.metrics.enumerated() { families[metric.name] = (collector, family) }
        }
        places = profile.compactMap { metric in
            let sources = metric.sources.compactMap { families[$0] }
            guard sources.count == metric.sources.count else { return nil }
            return Place(metric: metric, sources: sources, reset: metric.reset.flatMap { families[$0] })
        }
    }

    /// The families of a collector that are needed; the others need not be kept.
    func families(of collector: Int) -> Set<Int> {
        let needed = places.flatMap(\.sources) + places.compactMap(\.reset)
        return Set(needed.filter { $0.collector == collector }.map(\.family))
    }

    /// The messages that a publication gives.
    mutating func messages(for publication: Publication) -> [FFWDMessage] {
        let source = publication.source
        var samples: [Int: [PublishedSample]] = [:]
        for family in families(of: source.collector) {
            samples[family] = PublishedSample.samples(in: publication.texts[family])
        }
        let last = before.removeValue(forKey: source) ?? [:]
        var messages: [FFWDMessage] = []
        for (index, place) in places.enumerated()
        where place.sources.contains(where: { $0.collector == source.collector }) {
            var sums: Sums
            var elapsed = 0.0
            if place.metric.formula.isGrowth {
                let now = Self.counters(place, samples, of: publication)
                before[source, default: [:]][index] = now
                guard let earlier = last[index] else { continue }
                sums = now.growth(since: earlier, sources: place.sources.count)
                elapsed = (now.at - earlier.at) / .seconds(1)
            } else {
                sums = Self.sums(place, of: source.collector, samples)
            }
            guard place.sources.first?.collector == source.collector else {
                others[source.server, default: [:]][index] = sums
                continue
            }
            for (values, other) in others[source.server]?[index] ?? [:] {
                sums[values] = sums[values].map { zip($0, other).map { $0 ?? $1 } }
            }
            for (values, now) in sums.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let time = Double(publication.time) / 1_000
                guard let value = Self.value(place.metric.formula, now, elapsed: elapsed, time: time) else { continue }
                messages.append(
                    FFWDMessage(
                        key: key, value: value, time: publication.time, host: hosts[source.server],
                        attributes: place.metric.named(values)))
            }
        }
        return messages
    }

    /// The counters of a metric, series by series.
    private static func counters(
        _ place: Place, _ samples: [Int: [PublishedSample]], of publication: Publication
    ) -> FFWDGrowth {
        var growth = FFWDGrowth(at: publication.at, origin: publication.origin)
        for sample in place.reset.flatMap({ samples[$0.family] }) ?? [] {
            if let values = place.metric.attributes(of: sample) { growth.noteReset(sample.value, of: values) }
        }
        for (source, at) in place.sources.enumerated() {
            for sample in samples[at.family] ?? [] {
                if let values = place.metric.attributes(of: sample) { growth.add(sample, of: source, for: values) }
            }
        }
        return growth
    }

    /// The sums of those of a metric's sources that are of one collector; nil in the place of the others.
    private static func sums(_ place: Place, of collector: Int, _ samples: [Int: [PublishedSample]]) -> Sums {
        var sums: Sums = [:]
        for (source, at) in place.sources.enumerated() where at.collector == collector {
            for sample in samples[at.family] ?? [] {
                guard let values = place.metric.attributes(of: sample) else { continue }
                var all = sums[values] ?? Array(repeating: nil, count: place.sources.count)
                let value = place.metric.value(of: sample)
                switch (all[source], place.metric.fold) {
                case (let sum?, .sum): all[source] = sum + value
                case (let most?, .largest): all[source] = max(most, value)
                case (nil, _): all[source] = value
                }
                sums[values] = all
            }
        }
        return sums
    }

    /// What a formula makes of sums, or of what they grew by; nil where it makes nothing.
    private static func value(
        _ formula: FFWDMetric.Formula, _ sums: [Double?], elapsed: Double, time: Double
    ) -> Double? {
        let known = sums.compactMap { $0 }
        guard let first = known.first else { return nil }
        let total = known.reduce(0, +)
        switch formula {
        case .sum: return total
        case .percent: return total * 100
        case .age: return max(0, time - (known.max() ?? first))
        case .remaining(let limit): return max(0, 1 - first / limit) * 100
        case .quotient:
            guard known.count == 2, sums.count == 2, known[1] != 0 else { return nil }
            return known[0] / known[1]
        case .share, .shareOfGrowth:
            guard known.count == sums.count, total > 0 else { return nil }
            return first / total
        case .rate:
            return elapsed > 0 ? total / elapsed : nil
        }
    }
}
