import Sonde

/// A page of the text format 0.0.4, read strictly: what is not beyond doubt is refused, with its line.
struct Exposition {
    /// What a page may hold at the most.
    struct Limits: Sendable, Hashable {
        var bytes = 1 << 20
        var lines = 20_000
        var series = 10_000
    }

    /// Why a page is refused.
    struct Problem: Error, Hashable, CustomStringConvertible {
        let description: String

        init(line: Int, _ message: String) {
            description = "line \(line) of its output: \(message)"
        }
    }

    /// One line of a family.
    struct Sample: Hashable {
        let name: String
        let labels: [ExpositionLine.Label]
        let value: Double
        let line: Int
    }

    /// All lines under one name.
    struct Family: Hashable {
        let name: String
        /// The line that it begins in.
        let line: Int
        var kind = Metric.Kind.untyped
        var help = ""
        /// The labels that any of its samples has, without those that belong to histograms and summaries.
        var labels: [String] = []
        var samples: [Sample] = []

        fileprivate var hasHelp = false
        fileprivate var hasType = false

        /// Says what is wrong with the family as a whole.
        func problem(_ message: String) -> Problem {
            Problem(line: line, message)
        }
    }

    /// More labels than these are a mistake, and each of them would be in each line.
    private static let mostLabels = 64

    /// In the order of the page.
    private(set) var families: [Family] = []
    /// The names of families that were there.
    private var names: Set<String> = []
    private var series = 0

    /// Reads a page.
    ///
    /// - Throws: the first thing that is wrong.
    init(_ bytes: [UInt8], limits: Limits = Limits()) throws(Problem) {
        var number = 0
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            guard number <= limits.lines else {
                throw Problem(line: number, "more than \(limits.lines) lines are not read")
            }
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if line.isEmpty { continue }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Problem(line: number, "it is not UTF-8")
            }
            try read(text, number)
            guard series <= limits.series else {
                throw Problem(line: number, "more than \(limits.series) samples are not read")
            }
        }
        guard rest.isEmpty else { throw Problem(line: number + 1, "it does not end: print a line feed after it") }
        try endFamily()
    }

    private mutating func read(_ text: String, _ number: Int) throws(Problem) {
        let line: ExpositionLine
        do {
            line = try ExpositionLine(text)
        } catch {
            throw Problem(line: number, "\(error)")
        }
        switch line {
        case .comment: break
        case .help(let name, let help):
            try enter(name, number)
            guard change(\.hasHelp, \.samples.isEmpty, { $0.help = help }) else {
                throw Problem(line: number, "the HELP of \(name) comes twice, or after its samples")
            }
        case .type(let name, let kind):
            try enter(name, number)
            guard change(\.hasType, \.samples.isEmpty, { $0.kind = kind }) else {
                throw Problem(line: number, "the TYPE of \(name) comes twice, or after its samples")
            }
        case .sample(let name, let labels, let value):
            try add(Sample(name: name, labels: labels, value: value, line: number))
        }
    }

    /// Sets what may be set once, and before the samples.
    private mutating func change(
        _ isSet: WritableKeyPath<Family, Bool>, _ isInTime: KeyPath<Family, Bool>, _ change: (inout Family) -> Void
    ) -> Bool {
        let last = families.count - 1
        guard !families[last][keyPath: isSet], families[last][keyPath: isInTime] else { return false }
        families[last][keyPath: isSet] = true
        change(&families[last])
        return true
    }

    /// Begins a family, unless it is the one that is being read.
    private mutating func enter(_ name: String, _ number: Int) throws(Problem) {
        if families.last?.name == name { return }
        try endFamily()
        guard names.insert(name).inserted else {
            throw Problem(line: number, "the lines of \(name) do not stand together")
        }
        families.append(Family(name: name, line: number))
    }

    private mutating func add(_ sample: Sample) throws(Problem) {
        let isPart = families.last.map { family in
            Metric(family.name, family.kind, help: "").sampleNames.contains(sample.name)
        }
        if isPart != true {
            if let family = families.last, family.name == sample.name {
                throw Problem(
                    line: sample.line, "\(sample.name) is a \(family.kind) and has no sample of this name")
            }
            try enter(sample.name, sample.line)
        }
        let last = families.count - 1
        let metric = Metric(families[last].name, families[last].kind, help: "")
        let own = metric.sampleNames.first == sample.name ? metric.partLabel : nil
        var seen: Set<String> = []
        for label in sample.labels {
            guard seen.insert(label.name).inserted else {
                throw Problem(line: sample.line, "it has the label \(label.name) twice")
            }
            if label.name == own || families[last].labels.contains(label.name) { continue }
            guard label.name != "le", label.name != "quantile" else {
                throw Problem(
                    line: sample.line, "\(label.name) is no label of a \(families[last].kind)'s \(sample.name)")
            }
            families[last].labels.append(label.name)
        }
        if let own, !seen.contains(own) {
            throw Problem(line: sample.line, "\(sample.name) needs the label \(own)")
        }
        guard families[last].labels.count <= Self.mostLabels else {
            throw Problem(line: sample.line, "\(families[last].name) has more than \(Self.mostLabels) labels")
        }
        let counts = metric.kind == .counter || (metric.kind == .histogram && !sample.name.hasSuffix("_sum"))
        guard !counts || sample.value >= 0 else {
            throw Problem(line: sample.line, "\(sample.name) counts something and cannot be \(sample.value)")
        }
        families[last].samples.append(sample)
        series += 1
    }

    private func endFamily() throws(Problem) {
        guard let family = families.last, family.kind == .histogram else { return }
        var check = ExpositionHistogram()
        for sample in family.samples { try check.take(sample, of: family.name) }
        try check.finish(family)
    }
}
