/// Something wrong in a file or a variable of the user's: where, what, and what to do.
struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's path, or the variable's or flag's name.
    let file: String
    /// The line, from 1; nil where the file as a whole is meant.
    let line: Int?
    /// The column in characters, from 1.
    let column: Int?
    /// What is wrong, and what to do.
    let message: String

    init(_ file: String, line: Int? = nil, column: Int? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    var description: String {
        guard let line, let column else { return "\(file): \(message)" }
        return "\(file):\(line):\(column): \(message)"
    }
}

/// Everything that is wrong in a file, in the order of its lines.
struct FileProblems: Error, Sendable, Hashable, CustomStringConvertible {
    let problems: [FileProblem]

    /// More than these help nobody.
    static let most = 50

    /// One line each, with a last one that counts what was left out.
    var description: String {
        var lines = problems.prefix(Self.most).map(\.description)
        if problems.count > Self.most { lines.append("… and \(problems.count - Self.most) more") }
        return lines.joined(separator: "\n")
    }
}

/// Why a text is not the value that it should be, in words that fit behind the name of a key, a flag or a variable.
struct ValueProblem: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
