/// A strict parser of the text exposition format 0.0.4 that shares nothing with the writer.
///
/// It is stricter than Prometheus: each family has one HELP and one TYPE line, in this order and before its samples; a family's
/// samples stand together and have its name; there are no timestamps, no comments, no empty lines and no blanks but those that must be.
struct ExpositionParser {
    struct Failure: Error, CustomStringConvertible {
        let line: Int
        let problem: String

        var description: String { "line \(line): \(problem)" }
    }

    struct Sample: Equatable {
        let name: String
        /// In the order in which they are written.
        let labels: [Label]
        let value: Double
        /// The value as it is written.
        let text: String

        subscript(label: String) -> String? {
            labels.first { $0.name == label }?.value
        }
    }

    struct Label: Hashable {
        let name: String
        let value: String
    }

    struct Family: Equatable {
        let name: String
        let type: String
        let help: String
        var samples: [Sample] = []
    }

    /// Reads a whole page.
    static func families(in page: some Sequence<UInt8>) throws -> [Family] {
        var families: [Family] = []
        var names: Set<String> = []
        var seen: Set<Set<Label>> = []
        var help: (name: String, text: String)?
        for (number, line) in try lines(of: Array(page)).enumerated() {
            var parser = ExpositionParser(line: line, number: number + 1)
            if parser.take("# HELP ") {
                guard help == nil else { throw parser.failure("two HELP lines") }
                let name = try parser.name(colons: true)
                guard names.insert(name).inserted else { throw parser.failure("\(name) was there already") }
                try parser.expect(" ")
                help = (name, try parser.escaped(isQuoted: false))
            } else if parser.take("# TYPE ") {
                let name = try parser.name(colons: true)
                guard let text = help, text.name == name else { throw parser.failure("TYPE without HELP") }
                try parser.expect(" ")
                let type = parser.rest()
                guard ["counter", "gauge"].contains(type) else { throw parser.failure("type \(type)") }
                families.append(Family(name: name, type: type, help: text.text))
                help = nil
                seen = []
            } else {
                let sample = try parser.sample()
                guard help == nil, families.last?.name == sample.name else {
                    throw parser.failure("not of this family")
                }
                let labels = Set(sample.labels.filter { !$0.value.isEmpty })
                guard seen.insert(labels).inserted else { throw parser.failure("a duplicate of \(sample.labels)") }
                families[families.count - 1].samples.append(sample)
            }
        }
        guard help == nil else { throw Failure(line: 0, problem: "HELP without TYPE at the end") }
        return families
    }

    /// Reads the samples of one family, without its header.
    static func samples(in text: some Sequence<UInt8>) throws -> [Sample] {
        try lines(of: Array(text)).enumerated().map { number, line in
            var parser = ExpositionParser(line: line, number: number + 1)
            return try parser.sample()
        }
    }

    private let line: [UInt8]
    private let number: Int
    private var at = 0

    private init(line: [UInt8], number: Int) {
        self.line = line
        self.number = number
    }

    private static func lines(of page: [UInt8]) throws -> [[UInt8]] {
        guard !page.isEmpty else { return [] }
        guard page.last == 0x0A else { throw Failure(line: 0, problem: "no line feed at the end") }
        guard String(validating: page, as: UTF8.self) != nil else { throw Failure(line: 0, problem: "no UTF-8") }
        return page.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    }

    private mutating func sample() throws -> Sample {
        let name = try name(colons: true)
        var labels: [Label] = []
        if take("{") {
            repeat {
                let label = try self.name(colons: false)
                guard !labels.contains(where: { $0.name == label }) else { throw failure("two labels \(label)") }
                try expect("=\"")
                labels.append(Label(name: label, value: try escaped(isQuoted: true)))
            } while take(",")
            try expect("}")
        }
        try expect(" ")
        let text = rest()
        return Sample(name: name, labels: labels, value: try value(of: text), text: text)
    }

    private mutating func name(colons: Bool) throws -> String {
        let start = at
        while at < line.count, isNameByte(line[at], isFirst: at == start, colons: colons) { at += 1 }
        guard at > start else { throw failure("no name") }
        return String(decoding: line[start..<at], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8, isFirst: Bool, colons: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F: true
        case 0x30...0x39: !isFirst
        case 0x3A: colons
        default: false
        }
    }

    /// A label's value up to and with the closing quote, or a help text up to the end.
    private mutating func escaped(isQuoted: Bool) throws -> String {
        var bytes: [UInt8] = []
        while at < line.count {
            let byte = line[at]
            at += 1
            switch byte {
            case 0x22 where isQuoted: return String(decoding: bytes, as: UTF8.self)
            case 0x5C:
                guard at < line.count else { throw failure("a backslash at the end") }
                switch line[at] {
                case 0x5C: bytes.append(0x5C)
                case 0x6E: bytes.append(0x0A)
                case 0x22 where isQuoted: bytes.append(0x22)
                default: throw failure("a backslash before byte \(line[at])")
                }
                at += 1
            case 0: throw failure("a NUL byte")
            default: bytes.append(byte)
            }
        }
        guard !isQuoted else { throw failure("no closing quote") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What Go's `strconv.ParseFloat` takes, less its hexadecimal forms, underscores and words that we never write.
    private func value(of text: String) throws -> Double {
        switch text {
        case "NaN": return .nan
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        default: break
        }
        var rest = Substring(text)
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
        let digits = { (rest: inout Substring) -> Int in
            let found = rest.prefix { "0"..."9" ~= $0 }
            rest.removeFirst(found.count)
            return found.count
        }
        var count = digits(&rest)
        if rest.hasPrefix(".") {
            rest.removeFirst()
            count += digits(&rest)
        }
        guard count > 0 else { throw failure("no number: \(text)") }
        if rest.hasPrefix("e") {
            rest.removeFirst()
            if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
            guard digits(&rest) > 0 else { throw failure("no exponent: \(text)") }
        }
        guard rest.isEmpty, let value = Double(text) else { throw failure("no number: \(text)") }
        // An error to ParseFloat, and with it the whole page to Prometheus.
        guard value.isFinite else { throw failure("out of range: \(text)") }
        return value
    }

    private mutating func take(_ text: String) -> Bool {
        guard line[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    private mutating func expect(_ text: String) throws {
        guard take(text) else { throw failure("no \(text) at byte \(at)") }
    }

    private mutating func rest() -> String {
        defer { at = line.count }
        return String(decoding: line[at...], as: UTF8.self)
    }

    private func failure(_ problem: String) -> Failure {
        Failure(line: number, problem: problem)
    }
}
