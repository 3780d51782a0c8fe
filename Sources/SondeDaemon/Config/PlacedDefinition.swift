import Sonde

/// A definition of a file, and where it stands.
struct PlacedDefinition: Sendable {
    let definition: Definition
    let file: String
    /// The mapping that it was read from.
    let node: YAMLNode

    /// The line that it begins in.
    var line: Int { node.line }

    /// What is wrong with it, in its place, or in that of one of its columns.
    ///
    /// - Parameters:
    ///   - column: the name of a column of its statement, or `from`; nil for the whole.
    ///   - message: what is wrong, and what to do.
    /// - Returns: the problem, with file, line and column.
    func problem(in column: String? = nil, _ message: String) -> FileProblem {
        let place = column.flatMap(place) ?? node
        return FileProblem(file, line: place.line, column: place.column, message)
    }

    /// Where something of it stands: a column of its statement, or a key; all of it where it has no such thing.
    func place(of word: Substring) -> YAMLNode {
        let word = String(word)
        return place(of: word) ?? value(word) ?? node
    }

    /// Where the thing stands whose name a problem begins with: a metric, or what ``place(of:)`` finds.
    func place(ofProblem problem: String) -> YAMLNode {
        if problem.hasPrefix("requires: "), let requires = value("requires") {
            return Self.texts(in: requires).first { $0.text.map { problem.contains("\"\($0)\"") } ?? false } ?? requires
        }
        let metric = definition.columns.first {
            $0.kind.isMetric && problem.hasPrefix("\(definition.name(of: $0)) ")
        }
        return place(of: metric.map { $0.name[...] } ?? problem.prefix { $0 != ":" && $0 != " " })
    }

    /// Where a column stands, or what it selects from.
    private func place(of column: String) -> YAMLNode? {
        guard column != "from" else { return value("query") ?? value("from") }
        guard let (node, keys, _) = item(of: column) else { return nil }
        return keys.first { $0.key.text == "sql" }?.value ?? node
    }

    /// The text that a column of the statement has for a version, where the file has one for it.
    ///
    /// - Parameters:
    ///   - column: the name of a column of its statement, or `from`.
    ///   - version: of what the definition's versions are versions of.
    /// - Returns: nil where the file has none.
    func text(of column: String, for version: Version) -> YAMLNode? {
        let node: YAMLNode?
        if column == "from" {
            node = value("query") ?? value("from")
        } else {
            let found = item(of: column)
            node = found.flatMap { found in found.keys.first { $0.key.text == found.part }?.value }
        }
        guard case .mapping(let eras)? = node?.content else { return node }
        let known = eras.compactMap { era in era.key.text.flatMap { Version($0) }.map { (since: $0, text: era.value) } }
        return known.filter { $0.since <= version }.max { $0.since < $1.since }?.text
    }

    /// All keys and values within a node that are texts.
    private static func texts(in node: YAMLNode) -> [YAMLNode] {
        switch node.content {
        case .scalar: [node]
        case .sequence(let items): items.flatMap(texts)
        case .mapping(let entries): entries.flatMap { texts(in: $0.key) + texts(in: $0.value) }
        }
    }

    private func value(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }

    /// The item of `columns` that a column of the statement comes from, and the key in it: a histogram is four of them.
    private func item(of column: String) -> (node: YAMLNode, keys: [YAMLNode.Entry], part: String)? {
        let places = definition.columns.enumerated().lazy.compactMap { index, one in
            one.parts.firstIndex { $0.name == column }.map { (index, $0) }
        }
        guard let (index, part) = places.first, case .sequence(let items)? = value("columns")?.content,
            items.indices.contains(index), case .mapping(let keys) = items[index].content
        else { return nil }
        return (items[index], keys, (["sql"] + DefinitionDecoder.histogramKeys)[part])
    }
}
