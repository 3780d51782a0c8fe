/// One family on the page: what it is called, what it means and which labels its samples carry.
public struct Metric: Sendable, Hashable {
    /// What kind of number a metric is.
    public enum Kind: String, Sendable, Hashable {
        /// A number that only grows while the server's statistics live.
        case counter
        /// A number that goes up and down.
        case gauge
        /// A number of which nobody says how it behaves.
        case untyped
        /// Counts of how often a number was how large.
        case histogram
        /// Quantiles of a number, with its sum and count.
        case summary
        /// The constant 1, whose labels are the information.
        case info
        /// Which of several states something is in: 1 for that one and 0 for the others, by the metric's last label.
        case stateset

        /// The type as the text format 0.0.4 has it, which has none for constants and states.
        public var type: String { self == .info || self == .stateset ? "gauge" : rawValue }
    }

    /// The full name, `pg_database_size_bytes`.
    public let name: String
    /// What kind of number it is.
    public let kind: Kind
    /// The unit that the source counts in; samples are shown in its base unit.
    public let unit: Unit
    /// One sentence that names the view and column.
    public let help: String
    /// The labels of its samples, beside those that the daemon adds (`server`, `datname` of a collector that runs per database).
    public let labels: [String]

    /// Makes a metric.
    public init(
        _ name: String, _ kind: Kind = .gauge, in unit: Unit = .count, help: String, labels: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.labels = labels
    }

    /// The `HELP` and `TYPE` lines, escaped as the exposition format 0.0.4 asks.
    public var header: [UInt8] {
        var text: [UInt8] = []
        text += Array("# HELP \(name) ".utf8)
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): text += [byte, byte]
            case UInt8(ascii: "\n"): text += Array(#"\n"#.utf8)
            default: text.append(byte)
            }
        }
        text += Array("\n# TYPE \(name) \(kind.type)\n".utf8)
        return text
    }

    /// The names that its samples have: three for a histogram and for a summary, else its own.
    public var sampleNames: [String] {
        switch kind {
        case .histogram: ["\(name)_bucket", "\(name)_sum", "\(name)_count"]
        case .summary: [name, "\(name)_sum", "\(name)_count"]
        case .counter, .gauge, .untyped, .info, .stateset: [name]
        }
    }

    /// The label that samples of its first name have beside those declared: the bound of a bucket, or a quantile.
    package var partLabel: String? {
        switch kind {
        case .histogram: "le"
        case .summary: "quantile"
        case .counter, .gauge, .untyped, .info, .stateset: nil
        }
    }

    /// The names that nothing else may have: the family's, and those of its samples.
    package var names: [String] {
        Set([name] + sampleNames).sorted()
    }

    /// Whether a text is a metric name: letters, digits, `_` and `:`, not beginning with a digit.
    public static func isName(_ text: String) -> Bool {
        isWord(text, with: [UInt8(ascii: ":")])
    }

    /// Whether a text is a label name that is not reserved: letters, digits and `_`, not beginning with a digit or with `__`.
    public static func isLabel(_ text: String) -> Bool {
        isWord(text, with: []) && !text.hasPrefix("__")
    }

    private static func isWord(_ text: String, with more: [UInt8]) -> Bool {
        let letter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || byte == UInt8(ascii: "_") || more.contains(byte)
        }
        guard let first = text.utf8.first, letter(first) else { return false }
        return text.utf8.allSatisfy { letter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
