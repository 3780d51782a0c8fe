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

    /// Where a column stands, or what it selects from.
    private func place(of column: String) -> YAMLNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        let values = { (key: String) in entries.first { $0.key.text == key }?.value }
        if column == "from" { return values("query") ?? values("from") }
        guard case .sequence(let items)? = values("columns")?.content else { return nil }
        // A histogram is four columns of the statement.
        let index = definition.columns.firstIndex { $0.parts.contains { $0.name == column } }
        guard let index, items.indices.contains(index), case .mapping(let keys) = items[index].content else {
            return nil
        }
        return keys.first { $0.key.text == "sql" }?.value ?? items[index]
    }
}
