import Sonde

/// A collector of a file, and where it stands.
struct PlacedCollector: Sendable {
    let collector: any Collector
    let file: String
    /// The mapping that it was read from.
    let node: YAMLNode

    /// The line that it begins in.
    var line: Int { node.line }

    /// It as a definition; nil where it is none.
    var definition: PlacedDefinition? {
        (collector as? Definition).map { PlacedDefinition(definition: $0, file: file, node: node) }
    }

    /// It with the usual limit of series, where its author has said none.
    var cappedCollector: any Collector {
        guard var definition = collector as? Definition, definition.limit == nil, definition.mostSeries == nil else {
            return collector
        }
        definition.mostSeries = DefinitionDecoder.usualSeries
        return definition
    }

    /// What is wrong with it, in its place.
    func problem(_ message: String) -> FileProblem {
        FileProblem(file, line: node.line, column: node.column, message)
    }
}
