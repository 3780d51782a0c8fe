import Sonde

/// The versions of PostgreSQL that a query is for, as other exporters write them: `>=13.0.0 <17.0.0 || >18`.
struct VersionRanges: Hashable {
    /// From a version to before another one; nil for no end.
    struct Span: Hashable {
        let low: Version
        let high: Version?
    }

    /// In order, without gaps of nothing between them.
    let spans: [Span]

    static let all = VersionRanges(spans: [Span(low: 0, high: nil)])
    /// The oldest version that there is to tell from others here.
    private static let oldest = Version(13)

    private init(spans: [Span]) {
        var merged: [Span] = []
        for span in spans.sorted(by: { $0.low < $1.low }) where span.high.map({ span.low < $0 }) ?? true {
            if let last = merged.last, last.high.map({ span.low <= $0 }) ?? true {
                let high = last.high.flatMap { one in span.high.map { max(one, $0) } }
                merged[merged.count - 1] = Span(low: last.low, high: high)
            } else {
                merged.append(span)
            }
        }
        self.spans = merged
    }

    /// From a version to before another one, as `server_version_num` has them; 0 for no bound.
    init(from low: Int, to high: Int) {
        self.init(spans: [
            Span(low: Version(serverNumber: low), high: high == 0 ? nil : Version(serverNumber: high))
        ])
    }

    /// Reads alternatives of comparisons that must all hold.
    ///
    /// - Throws: what is wrong with it.
    init(_ text: String) throws(ValueProblem) {
        var found: [Span] = []
        for part in text.split(separator: "||", omittingEmptySubsequences: false) {
            var words = Words(part)
            var all = Self.all
            var isEmpty = true
            while let next = try words.comparison() {
                all = all.intersection(next)
                isEmpty = false
            }
            if isEmpty {
                throw ValueProblem("\(Spelling.quoted(text)) has an empty alternative: write one like >=13.0.0")
            }
            found += all.spans
        }
        self.init(spans: found)
    }

    func intersection(_ other: VersionRanges) -> VersionRanges {
        var found: [Span] = []
        for one in spans {
            for two in other.spans {
                let high = [one.high, two.high].compactMap { $0 }.min()
                found.append(Span(low: max(one.low, two.low), high: high))
            }
        }
        return VersionRanges(spans: found)
    }

    /// Whether a version that is known here is among them.
    var isKnown: Bool { spans.contains { $0.high.map { $0 > Self.oldest } ?? true } }

    /// What holds for each version, as one SQL.
    ///
    /// - Parameters:
    ///   - parts: what there is, each with its versions.
    ///   - text: the text of those that hold for the same version.
    /// - Returns: nil where no version that is known here is among them.
    static func sql<Part>(_ parts: [(versions: VersionRanges, part: Part)], _ text: ([Part]) -> String) -> SQL? {
        // Before the oldest version that is known all are as that one.
        let parts = parts.map { part in
            let known = part.versions.spans.filter { $0.high.map { $0 > Self.oldest } ?? true }
            return (spans: known.map { Span(low: $0.low <= Self.oldest ? 0 : $0.low, high: $0.high) }, part: part.part)
        }
        let spans = parts.flatMap(\.spans)
        var eras: [SQL.Era] = []
        for cut in Set(spans.map(\.low) + spans.compactMap(\.high)).sorted() {
            let live = parts.filter { part in
                part.spans.contains { span in span.low <= cut && span.high.map { cut < $0 } ?? true }
            }
            let text = live.isEmpty ? nil : text(live.map(\.part))
            if eras.isEmpty || eras.last?.text != text { eras.append(SQL.Era(since: cut, text: text)) }
        }
        return eras.contains { $0.text != nil } ? SQL(eras) : nil
    }

    private static func from(_ low: Version, to high: Version? = nil) -> VersionRanges {
        VersionRanges(spans: [Span(low: low, high: high)])
    }

    /// Takes the comparisons off a text.
    private struct Words {
        private var rest: Substring

        init(_ text: Substring) {
            rest = text
        }

        /// The numbers of a version, of which the last ones may be missing.
        private struct Numbers {
            let numbers: [Int]

            /// The first version that these numbers are the beginning of.
            ///
            /// PostgreSQL has two numbers, so that a third one is beyond them all.
            var first: Version {
                let first = Version(numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 0)
                return numbers.count > 2 && numbers[2] > 0 ? next(of: first) : first
            }
            /// The first version after all that begin with these numbers.
            var end: Version {
                numbers.count < 2 ? Version((numbers.first ?? 0) + 1) : next(of: Version(numbers[0], numbers[1]))
            }

            private func next(of version: Version) -> Version { Version(version.major, version.minor + 1) }
        }

        /// The next comparison; nil at the end.
        mutating func comparison() throws(ValueProblem) -> VersionRanges? {
            skipSpace()
            guard !rest.isEmpty else { return nil }
            let sign = rest.prefix { "<>=!~^".contains($0) }
            rest = rest.dropFirst(sign.count)
            skipSpace()
            guard let version = try numbers() else { return .all }
            switch sign {
            case "", "=", "==":
                if sign.isEmpty, rest.hasPrefix(" - ") {
                    rest = rest.dropFirst(3)
                    return try numbers().map { .from(version.first, to: $0.end) } ?? .from(version.first)
                }
                return .from(version.first, to: version.end)
            case ">=", "=>": return .from(version.first)
            case ">": return .from(version.end)
            case "<": return .from(0, to: version.first)
            case "<=", "=<": return .from(0, to: version.end)
            case "!", "!=":
                return VersionRanges(spans: [
                    Span(low: 0, high: version.first), Span(low: version.end, high: nil),
                ])
            case "~", "~>":
                // What is said of the second number stays, and else the first.
                let high =
                    version.numbers.count < 2 ? version.end : Version(version.first.major, version.first.minor + 1)
                return .from(version.first, to: high)
            case "^": return .from(version.first, to: Version(version.first.major + 1))
            default:
                throw ValueProblem("\(Spelling.quoted(String(sign))) compares nothing: write one of >= > < <= = !=")
            }
        }

        /// The numbers of a version; nil for `*` and its like, which any version fits.
        private mutating func numbers() throws(ValueProblem) -> Numbers? {
            let word = rest.prefix { !" ,<>=!~^|\t".contains($0) }
            rest = rest.dropFirst(word.count)
            var numbers: [Int] = []
            let plain = word.hasPrefix("v") ? word.dropFirst() : word
            for part in plain.split(separator: ".", omittingEmptySubsequences: false) {
                if ["x", "X", "*"].contains(part) { break }
                guard Spelling.isNumber(part), part.utf8.count <= 6, let number = Int(part), numbers.count < 3 else {
                    throw ValueProblem("\(Spelling.quoted(String(word))) is not a version: write one like 13.0.0")
                }
                numbers.append(number)
            }
            return numbers.isEmpty ? nil : Numbers(numbers: numbers)
        }

        private mutating func skipSpace() {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" || $0 == "\n" }
        }
    }
}
