import Sonde

/// A collector of a file, and where it stands.
struct PlacedCollector: Sendable {
    let collector: any Collector
    let file: String
    /// The mapping that it was read from.
    let node: YAMLNode

    /// The line that it begins in.
    var line: Int { node.line }
}
