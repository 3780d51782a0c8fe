/// A metrics page of any program, as far as it is to be compared with another.
struct ScrapedPage: Sendable {
    /// Where a page cannot be read.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// One line of a family.
    struct Sample: Sendable, Hashable {
        /// The family's name, or one with a suffix for parts of histograms and summaries.
        let name: String
        /// Values with their escapes, by name.
        let labels: [String: String]
        let value: Double
    }

    /// All lines under one name.
    struct Family: Sendable {
        var type = "untyped"
        var samples: [Sample] = []

        /// The sets of label names that samples have, without those that belong to histograms and summaries.
        var labelNames: Set<[String]> {
            Set(samples.map { $0.labels.keys.filter { $0 != "le" && $0 != "quantile" }.sorted() })
        }
    }

    /// By name.
    private(set) var families: [String: Family] = [:]

    /// Reads the text format 0.0.4; what it says beyond types and samples is passed over.
    ///
    /// - Throws: ``Fault`` with the first line that is no sample.
    init(_ text: String) throws(Fault) {
        for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(line)
            if line.isEmpty || line == "\r" { continue }
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4, words[1] == "TYPE" else { continue }
                families[String(words[2]), default: Family()].type = String(words[3])
                continue
            }
            guard let sample = Self.sample(line) else {
                throw Fault(description: "line \(index + 1) is no sample: \(line.prefix(80))")
            }
            families[family(of: sample.name), default: Family()].samples.append(sample)
        }
        families = families.filter { !$0.value.samples.isEmpty }
    }

    /// The family that a sample of a name belongs to.
    private func family(of name: String) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if let type = families[base]?.type, type == "histogram" || type == "summary" { return base }
        }
        return name
    }

    private static func sample(_ line: Substring) -> Sample? {
        var rest = line.unicodeScalars[...]
        let name = take(&rest) { $0 != "{" && $0 != " " }
        var labels: [String: String] = [:]
        guard !name.isEmpty else { return nil }
        if rest.first == "{" {
            rest.removeFirst()
            while let first = rest.first, first != "}" {
                let key = take(&rest) { $0 != "=" }
                guard rest.popFirst() == "=", rest.popFirst() == "\"", let value = quoted(&rest) else { return nil }
                labels[key] = value
                if rest.first == "," { rest.removeFirst() }
            }
            guard rest.popFirst() == "}" else { return nil }
        }
        let words = String(rest).split(separator: " ")
        guard let text = words.first, words.count <= 2, let value = number(text) else { return nil }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func take(
        _ rest: inout Substring.UnicodeScalarView, while isWanted: (Unicode.Scalar) -> Bool
    ) -> String {
        let end = rest.firstIndex { !isWanted($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(rest[..<end])
    }

    /// A value and its closing quote.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var value = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            if next == "\"" { return String(value) }
            value.append(next)
            guard next == "\\" else { continue }
            guard let escaped = rest.popFirst() else { return nil }
            value.append(escaped)
        }
        return nil
    }

    /// A number as it is written in a page.
    static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.hasPrefix("0x") ? nil : Double(text)
        }
    }
}
