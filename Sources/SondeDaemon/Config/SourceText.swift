/// A file as it was read, to find the place of a part of one of its texts.
struct SourceText: Sendable {
    private let lines: [[Unicode.Scalar]]

    init(_ bytes: [UInt8]) {
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            Array(String(decoding: line, as: UTF8.self).unicodeScalars.filter { $0 != "\r" })
        }
    }

    /// The place of a character of a text.
    ///
    /// - Parameters:
    ///   - offset: the character's place in the text, from 0.
    ///   - node: the text.
    /// - Returns: line and column; where the text is written in a way that hides it, the place where the text begins.
    func place(of offset: Int, in node: YAMLNode) -> (line: Int, column: Int) {
        let start = (line: node.line, column: node.column)
        guard let text = node.text.map({ Array($0.unicodeScalars) }), offset >= 0, offset <= text.count,
            let first = scalars(of: node.line), node.column >= 1, node.column <= first.count
        else { return start }
        let before = text[..<offset]
        switch first[node.column - 1] {
        case "|":
            let row = before.count { $0 == "\n" }
            let begin = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
            let wanted = text[begin...].prefix { $0 != "\n" }
            guard let line = scalars(of: node.line + 1 + row), line.count >= wanted.count,
                line.suffix(wanted.count).elementsEqual(wanted)
            else { return start }
            return (node.line + 1 + row, line.count - wanted.count + offset - begin + 1)
        case "\"", "'":
            return first[node.column...].starts(with: before) ? (node.line, node.column + 1 + offset) : start
        default:
            return first[(node.column - 1)...].starts(with: before) ? (node.line, node.column + offset) : start
        }
    }

    private func scalars(of line: Int) -> [Unicode.Scalar]? {
        lines.indices.contains(line - 1) ? lines[line - 1] : nil
    }
}
