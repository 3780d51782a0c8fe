import Sonde

/// Reads which databases are meant, of a server or of a definition.
enum DatabasesDecoder {
    /// The keys, in the order of the reference.
    static let keys = ["include", "exclude"]

    /// All but those that are excluded, where nothing is included; nil where something is wrong that was reported.
    static func read(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> Databases? {
        guard let keys = decoder.mapping(node, "databases", keys: keys) else { return nil }
        return Databases(
            include: keys["include"].flatMap { decoder.words($0, "include") } ?? Databases.all.include,
            exclude: keys["exclude"].flatMap { decoder.words($0, "exclude") } ?? [])
    }
}
