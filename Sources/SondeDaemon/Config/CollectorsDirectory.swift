import Glibc
import Sonde

/// The definitions of a folder, put among the collectors that there are already.
struct CollectorsDirectory: Sendable {
    /// All collectors, in the order of the page: a definition with the name of an earlier one stands in its place.
    private(set) var entries: [Registry.Entry]
    /// What cost its file; the other files count.
    private(set) var problems: [FileProblem] = []
    /// What is not wrong but should be known, one line each.
    private(set) var notes: [String] = []

    /// The most files of a folder.
    private static let maxFiles = 1_000

    /// Reads the `*.yaml` and `*.yml` of a folder, in the order of their names; hidden files are left out.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - others: the collectors that there are without it.
    init(_ path: String, among others: [Registry.Entry]) {
        entries = others
        var places: [String: Int] = [:]
        for (index, entry) in others.enumerated() { places[entry.collector.name] = index }
        do {
            for name in try Self.files(in: path) {
                do {
                    let file = "\(path)/\(name)"
                    let bytes = try BoundedFile.read(file, atMost: YAMLParser.maxBytes, regularOnly: true).bytes
                    let definitions = try DefinitionDecoder.definitions(in: bytes, file: file)
                    for (definition, line) in definitions { put(definition, from: "\(file):\(line)", &places) }
                } catch {
                    problems += error.problems
                }
            }
        } catch {
            problems += error.problems
        }
    }

    private mutating func put(_ definition: Definition, from origin: String, _ places: inout [String: Int]) {
        let entry = Registry.Entry(definition, from: origin)
        // Two files of one name are a clash, which the registry reports; so a place is given away once.
        guard let place = places.removeValue(forKey: definition.name) else {
            entries.append(entry)
            return
        }
        notes.append("\(origin): replaces the collector \(definition.name) (\(entries[place].origin))")
        entries[place] = entry
    }

    private static func files(in path: String) throws(FileProblems) -> [String] {
        guard let folder = unsafe opendir(path) else {
            throw FileProblems(problems: [FileProblem(path, "cannot be opened: \(BoundedFile.reason(errno))")])
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        guard names.count <= maxFiles else {
            throw FileProblems(problems: [
                FileProblem(path, "there are more than \(maxFiles) files in it: put several definitions into one")
            ])
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
