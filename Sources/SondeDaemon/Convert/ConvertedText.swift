import Sonde

/// Writes definitions of other exporters' queries as a file of ours, with what could not be kept as comments.
enum ConvertedText {
    /// The text; nil where nothing is left to show.
    static func text(_ files: [ForeignFile], among collectors: [any Collector]) -> String? {
        var settlement = Settlement(among: collectors)
        var parts: [String] = []
        var isEmpty = true
        for file in files {
            for query in file.queries {
                var query = query
                settlement.settle(&query)
                var lines = ["\(query.key), \(file.path):\(query.node.line) (\(file.format.rawValue))"]
                lines += query.notes.map { "- \($0)" }
                if query.definition == nil { lines.append("- nothing is left of it to show") }
                var part = lines.map(comment).joined()
                if let definition = query.definition {
                    part += DefinitionEncoder.text(definition)
                    isEmpty = false
                }
                parts.append(part)
            }
        }
        return isEmpty ? nil : parts.joined(separator: "---\n")
    }

    /// A line of comment, whatever is in the text.
    private static func comment(_ text: String) -> String {
        var line = "# "
        for scalar in text.unicodeScalars { line.unicodeScalars.append(Spelling.isControl(scalar) ? " " : scalar) }
        return line + "\n"
    }
}
