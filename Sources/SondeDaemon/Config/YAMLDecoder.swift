/// Turns nodes into values, and keeps every problem that it meets on the way.
///
/// A method that returns nil has reported why; whoever asked goes on, so that the user sees everything at once.
struct YAMLDecoder {
    let file: String
    private(set) var problems: [FileProblem] = []

    init(file: String) {
        self.file = file
    }

    mutating func report(_ node: YAMLNode, _ message: String) {
        guard problems.count <= FileProblems.most else { return }
        problems.append(FileProblem(file, line: node.line, column: node.column, message))
    }

    /// - Throws: everything that was reported, in the order of the lines.
    func finish() throws(FileProblems) {
        guard !problems.isEmpty else { return }
        throw FileProblems(
            problems: problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) })
    }

    /// A mapping in which every key is known; one that is left empty has no entries.
    ///
    /// - Parameters:
    ///   - node: what should be the mapping.
    ///   - what: what it describes, for sentences like `unknown key "x" in web`.
    ///   - keys: all keys that there can be.
    ///   - hints: what to do about keys that are not known but often tried.
    /// - Returns: nil where it is no mapping.
    mutating func mapping(
        _ node: YAMLNode, _ what: String, keys: [String], hints: [String: String] = [:]
    ) -> YAMLMapping? {
        guard let entries = entries(node, what) else { return nil }
        for entry in entries {
            let key = entry.key.text ?? ""
            guard !keys.contains(key) else { continue }
            let advice = hints[key] ?? Spelling.advice(for: key, among: keys)
            report(entry.key, "unknown key \(Spelling.quoted(key)) in \(what): \(advice)")
        }
        return YAMLMapping(node, entries)
    }

    /// A mapping of any keys; one that is left empty has no entries.
    mutating func entries(_ node: YAMLNode, _ what: String) -> [YAMLNode.Entry]? {
        switch node.content {
        case .mapping(let entries): return entries
        case _ where node.isNull: return []
        default:
            report(node, "\(what) is \(node.kind) where a mapping is needed: write keys and values, one a line")
            return nil
        }
    }

    /// A list; one that is left empty has no items.
    mutating func items(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
        switch node.content {
        case .sequence(let items): return items
        case _ where node.isNull: return []
        default:
            report(node, "\(what) is \(node.kind) where a list is needed: begin each item by \"- \"")
            return nil
        }
    }

    /// A text as it was written: `on`, `0123` and `1.10` stay what they are, quoted or not.
    mutating func text(_ node: YAMLNode, _ what: String) -> String? {
        if let text = node.text { return text }
        report(node, "\(what) is \(node.kind) where a text is needed: \(emptyAdvice(node, "write one"))")
        return nil
    }

    /// A text that says something and can be handed to the system: neither empty nor with control characters.
    mutating func word(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        if text.isEmpty {
            report(node, "\(what) is empty: write a text, or remove the key")
        } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            report(node, "\(what) has a control character in it: remove it")
        } else {
            return text
        }
        return nil
    }

    /// A list of words, or one word.
    mutating func words(_ node: YAMLNode, _ what: String) -> [String]? {
        guard case .sequence(let items) = node.content else { return word(node, what).map { [$0] } }
        if items.isEmpty { report(node, "\(what) is an empty list: write an item, or remove the key") }
        let words = items.compactMap { word($0, "an item of \(what)") }
        return words.count == items.count && !words.isEmpty ? words : nil
    }

    mutating func bool(_ node: YAMLNode, _ what: String) -> Bool? {
        guard case .scalar(let text, let isPlain) = node.content else {
            report(node, "\(what) is \(node.kind) where true or false is needed")
            return nil
        }
        switch (text, isPlain) {
        case ("true", true): return true
        case ("false", true): return false
        default: break
        }
        let advice =
            switch text.lowercased() {
            case "true", "yes", "on", "1", "y": "write true"
            case "false", "no", "off", "0", "n": "write false"
            default: "write true or false"
            }
        report(node, "\(what) is \(node.isNull ? "nothing" : Spelling.quoted(text)): \(advice)")
        return nil
    }

    mutating func int(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, what) else { return nil }
        guard Spelling.isNumber(text), let value = Int(text), range.contains(value) else {
            let (least, most) = (range.lowerBound, range.upperBound)
            report(node, "\(what) is \(Spelling.quoted(text)): write a whole number from \(least) to \(most)")
            return nil
        }
        return value
    }

    mutating func duration(_ node: YAMLNode, _ what: String, from least: Duration, to most: Duration) -> Duration? {
        guard let duration = value(node, what, DurationText.parse) else { return nil }
        guard duration >= least, duration <= most else {
            let (least, most) = (DurationText.text(least), DurationText.text(most))
            report(node, "\(what) is \(DurationText.text(duration)): write a duration from \(least) to \(most)")
            return nil
        }
        return duration
    }

    /// One of an enumeration's raw values.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, _ what: String, of type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        value(node, what) { text throws(ValueProblem) in try Choice(word: text) }
    }

    /// What a function makes of a text.
    mutating func value<Value>(
        _ node: YAMLNode, _ what: String, _ parse: (String) throws(ValueProblem) -> Value
    ) -> Value? {
        guard let text = text(node, what) else { return nil }
        do {
            return try parse(text)
        } catch {
            report(node, "\(what): \(error)")
            return nil
        }
    }

    private func emptyAdvice(_ node: YAMLNode, _ advice: String) -> String {
        node.isNull ? "\(advice), or remove the key" : advice
    }
}
