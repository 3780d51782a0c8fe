/// A page of text format 0.0.4, read without mercy.
struct PageText: Sendable {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    struct Sample: Sendable {
        let name: String
        let labels: [String: String]
        /// The labels' names in the order of the page.
        let keys: [String]
        let text: String

        var value: Double { Double(text) ?? .nan }
    }

    struct Family: Sendable {
        let name: String
        let help: String
        var type: String
        var samples: [Sample] = []
    }

    /// In the order of the page.
    let families: [Family]
    private let places: [String: Int]

    subscript(name: String) -> Family? { places[name].map { families[$0] } }

    /// The one value with these labels among others; nil where there is none.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples(name, labels).first?.value
    }

    /// The samples that have these labels among others.
    func samples(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        self[name]?.samples.filter { sample in labels.allSatisfy { sample.labels[$0] == $1 } } ?? []
    }

    /// Reads a page.
    ///
    /// - Throws: ``Fault`` with the line of the first thing that is not as it should be.
    init(_ text: String) throws {
        guard text.utf8.last == UInt8(ascii: "\n") else {
            throw Fault(description: "the page does not end in a newline")
        }
        var families: [Family] = []
        var places: [String: Int] = [:]
        var seen: Set<String> = []
        // By scalars: \r\n is one Character, and a name may hold anything.
        for (index, line) in text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = String(Substring(line))
            func fault(_ what: String) -> Fault { Fault(description: "line \(index + 1): \(what): \(line)") }
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, places[words[2]] == nil else { throw fault("a second HELP, or an empty one") }
                places[words[2]] = families.count
                families.append(Family(name: words[2], help: words[3], type: ""))
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, let last = families.indices.last, families[last].name == words[2],
                    families[last].type.isEmpty, ["counter", "gauge", "histogram", "untyped"].contains(words[3])
                else { throw fault("TYPE out of place") }
                families[last].type = words[3]
            } else {
                guard let last = families.indices.last, !families[last].type.isEmpty, let sample = Self.sample(line),
                    sample.name == families[last].name || families[last].type == "histogram"
                else { throw fault("no sample, or out of place") }
                let key = "\(sample.name) \(sample.labels.sorted { $0.key < $1.key })"
                guard seen.insert(key).inserted else { throw fault("the same labels twice") }
                families[last].samples.append(sample)
            }
        }
        self.families = families
        self.places = places
    }

    private static func sample(_ line: String) -> Sample? {
        var rest = Substring(line).unicodeScalars
        func take(_ isWanted: (Unicode.Scalar) -> Bool) -> String {
            let word = String(Substring(rest.prefix(while: isWanted)))
            rest = rest.dropFirst(word.unicodeScalars.count)
            return word
        }
        func isNamed(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || scalar == ":" || scalar.isASCII && scalar.properties.isAlphabetic
                || ("0"..."9").contains(scalar)
        }
        let name = take(isNamed)
        var labels: [String: String] = [:]
        var keys: [String] = []
        guard !name.isEmpty else { return nil }
        if rest.first == "{" {
            repeat {
                rest.removeFirst()
                let key = take(isNamed)
                guard rest.starts(with: "=\"".unicodeScalars), labels[key] == nil else { return nil }
                rest = rest.dropFirst(2)
                var value = String.UnicodeScalarView()
                while let scalar = rest.popFirst(), scalar != "\"" {
                    guard scalar == "\\" else {
                        value.append(scalar)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    case "n": value.append("\n")
                    default: return nil
                    }
                }
                labels[key] = String(value)
                keys.append(key)
            } while rest.first == ","
            guard rest.popFirst() == "}" else { return nil }
        }
        guard rest.popFirst() == " " else { return nil }
        let text = String(Substring(rest))
        guard Double(text) != nil || ["NaN", "+Inf", "-Inf"].contains(text) else { return nil }
        return Sample(name: name, labels: labels, keys: keys, text: text)
    }
}
