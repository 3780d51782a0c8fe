/// What the readers of other exporters' files have in common: problems that cost the file, and notes on the query under way.
struct ForeignDecoder {
    var decoder: YAMLDecoder
    /// What of the query's meaning is not kept.
    private(set) var notes: [String] = []

    init(file: String) {
        decoder = YAMLDecoder(file: file)
    }

    /// The notes on the query that ends here.
    mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    mutating func note(_ node: YAMLNode, _ text: String) {
        notes.append("line \(node.line): \(text)")
    }

    /// A mapping whose unknown keys mean nothing there and are only noted.
    mutating func mapping(_ node: YAMLNode, _ what: String, keys: [String]) -> YAMLMapping? {
        guard let entries = decoder.entries(node, what) else { return nil }
        for entry in entries {
            let key = entry.key.text ?? ""
            guard !keys.contains(key) else { continue }
            let meant = Spelling.nearest(key, among: keys).map { "; did you mean \"\($0)\"?" } ?? ""
            note(entry.key, "the key \(Spelling.quoted(key)) of \(what) is unknown and left out\(meant)")
        }
        return YAMLMapping(node, entries)
    }

    /// True or false in any of YAML's spellings.
    mutating func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        switch node.text?.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: return decoder.bool(node, what)
        }
    }

    /// A number of seconds; nil for 0, which stands for nothing said.
    mutating func seconds(_ node: YAMLNode, _ what: String) -> Duration? {
        guard let number = number(node, what) else { return nil }
        guard number >= 0, number <= 366 * 86_400 else {
            decoder.report(node, "\(what) is \(Spelling.quoted(node.text ?? "")): write seconds, a year at the most")
            return nil
        }
        return number == 0 ? nil : .nanoseconds(Int64(number * 1e9))
    }

    /// A number that is finite.
    mutating func number(_ node: YAMLNode, _ what: String) -> Double? {
        guard let text = decoder.text(node, what) else { return nil }
        guard let number = Double(text), number.isFinite else {
            decoder.report(node, "\(what) is \(Spelling.quoted(text)): write a number")
            return nil
        }
        return number
    }
}
