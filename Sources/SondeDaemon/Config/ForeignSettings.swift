import Sonde
import SondeCollectors

/// What flags and variables of postgres_exporter say that have no key of their own in our file.
struct ForeignSettings: Sendable, Hashable {
    /// Whether its collectors of tables visit every database, and not only the one that is connected to first.
    var discoversDatabases = false
    /// Databases by name; empty for all.
    var includedDatabases: [String] = []
    var excludedDatabases: [String] = []
    /// Whether what it always shows, be its collectors on or off, is left out.
    var lacksDefaults = false
    var lacksSettings = false
    /// The most time that any of its collectors may take.
    var timeout: Duration?
    /// Labels of what it always shows.
    var constantLabels: [ConstantLabel] = []
    /// A `queries.yaml`.
    var queriesPath: String?
    var statements = StatementOptions()

    /// A label that the user sets.
    struct ConstantLabel: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// Reads `key=value,key=value`.
    ///
    /// - Throws: what is wrong with it.
    static func labels(_ text: String) throws(ValueProblem) -> [ConstantLabel] {
        var labels: [ConstantLabel] = []
        for part in Self.words(text) {
            guard let sign = part.firstIndex(of: "=") else {
                throw ValueProblem("\(Spelling.quoted(part)) is no label: write name=value")
            }
            let name = String(part[..<sign].trimmingPrefix(while: \.isWhitespace))
            let value = String(part[part.index(after: sign)...])
            guard Metric.isLabel(name), !["server", "datname", "datid", "collector"].contains(name) else {
                throw ValueProblem("\(Spelling.quoted(name)) cannot be a label's name, or is one already")
            }
            guard !labels.contains(where: { $0.name == name }) else {
                throw ValueProblem("the label \(name) is there twice: remove one of them")
            }
            labels.append(ConstantLabel(name: name, value: value))
        }
        return labels
    }

    /// Words between commas, without space around them and without empty ones.
    static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            var word = part
            while word.first?.isWhitespace == true { word.removeFirst() }
            while word.last?.isWhitespace == true { word.removeLast() }
            return String(word)
        }.filter { !$0.isEmpty }
    }

    /// Reads a time as Go writes it: `1m`, `1m30s`, `500ms`, `1.5s`.
    ///
    /// - Throws: what is wrong with it.
    static func duration(_ text: String) throws(ValueProblem) -> Duration {
        let units: [(name: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ]
        var rest = Substring(text)
        var sum = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let number = Double(digits), let unit = units.first(where: { $0.name == name }) else {
                throw ValueProblem("\(Spelling.quoted(text)) is no duration: write one like 1m or 1m30s")
            }
            sum += number * unit.nanoseconds
        }
        guard sum >= 1e6, sum <= 86_400e9 else {
            throw ValueProblem("\(Spelling.quoted(text)): write a duration from 1ms to 24h")
        }
        return .nanoseconds(Int64(sum))
    }
}
