import CLibYAML

/// Reads YAML into nodes; the only place that knows libyaml.
///
/// It takes any bytes and comes back soon: size, depth and number of nodes are limited. Anchors, aliases, tags,
/// directives and keys that are not scalars are refused: with them a file means something else than it seems to say.
struct YAMLParser {
    /// The most bytes of a file.
    static let maxBytes = 1 << 20
    /// The most scalars, sequences and mappings of a file.
    static let maxNodes = 100_000
    /// The most sequences and mappings within each other.
    static let maxDepth = 32

    /// A sequence or mapping that has not ended yet.
    private struct Open {
        let isMapping: Bool
        let line: Int
        let column: Int
        var items: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        var key: YAMLNode?
        var keys: [String: Int] = [:]
    }

    private let file: String
    private var open: [Open] = []
    private var documents: [YAMLNode] = []
    private var nodes = 0
    private var problems: [FileProblem] = []

    private init(file: String) {
        self.file = file
    }

    /// The documents of a file; an empty file has none.
    ///
    /// - Throws: the first error of the syntax, or else everything that is refused.
    static func documents(in bytes: [UInt8], file: String) throws(FileProblems) -> [YAMLNode] {
        // What some editors begin a file of UTF-8 with.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard bytes.count <= maxBytes else {
            throw FileProblems(problems: [FileProblem(file, "the file is larger than \(maxBytes >> 20) MiB: split it")])
        }
        var parser = YAMLParser(file: file)
        parser.refuseDirectives(in: bytes)
        if parser.problems.isEmpty {
            let failure = parser.parse(bytes)
            if let failure { throw FileProblems(problems: [failure]) }
        }
        guard parser.problems.isEmpty else { throw FileProblems(problems: parser.problems) }
        return parser.documents
    }

    /// The one document of a file; nil where the file is empty.
    ///
    /// - Throws: as ``documents(in:file:)``, and where a second document begins.
    static func document(in bytes: [UInt8], file: String) throws(FileProblems) -> YAMLNode? {
        let documents = try documents(in: bytes, file: file)
        if documents.count > 1 {
            let second = documents[1]
            throw FileProblems(problems: [
                FileProblem(
                    file, line: second.line, column: second.column,
                    "a second document begins: this file has one, remove the line --- before it")
            ])
        }
        return documents.first
    }

    /// libyaml compares each directive with all others, so that many of them would take for ever.
    private mutating func refuseDirectives(in bytes: [UInt8]) {
        var line = 1
        var isStart = true
        for byte in bytes {
            if isStart, byte == UInt8(ascii: "%") {
                refuse(line, 1, "a line cannot begin with %: remove the directive")
                return
            }
            isStart = byte == UInt8(ascii: "\n")
            if isStart { line += 1 }
        }
    }

    /// - Returns: what libyaml, or a limit, ended with.
    private mutating func parse(_ bytes: [UInt8]) -> FileProblem? {
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else {
            return FileProblem(file, "there is no memory to read it")
        }
        defer { unsafe yaml_parser_delete(&parser) }
        unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        // The parser must not be moved, and reads from the bytes until the end.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe withUnsafeMutablePointer(to: &parser) { parser in
                unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
                return unsafe readEvents(parser, bytes)
            }
        }
    }

    @unsafe private mutating func readEvents(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: [UInt8]
    ) -> FileProblem? {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                return unsafe failure(of: parser.pointee, in: bytes)
            }
            defer { unsafe yaml_event_delete(&event) }
            let line = unsafe event.start_mark.line + 1
            let column = unsafe event.start_mark.column + 1
            if unsafe event.type == YAML_STREAM_END_EVENT { return nil }
            unsafe take(event, line, column)
            guard nodes <= Self.maxNodes else {
                return FileProblem(
                    file, line: line, column: column, "the file has more than \(Self.maxNodes) values: split it")
            }
            guard open.count <= Self.maxDepth else {
                return FileProblem(
                    file, line: line, column: column,
                    "lists and mappings are more than \(Self.maxDepth) deep: check brackets and indentation")
            }
        }
    }

    @unsafe private mutating func take(_ event: yaml_event_t, _ line: Int, _ column: Int) {
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            unsafe refuse(anchor: scalar.anchor, tag: scalar.tag, line, column)
            let text = unsafe String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            add(YAMLNode(content: .scalar(text, isPlain: isPlain), line: line, column: column))
        case YAML_ALIAS_EVENT:
            refuse(
                line, column,
                "aliases are not supported: write the value itself, or put a text that begins with * in quotes")
            add(YAMLNode(content: .scalar("", isPlain: true), line: line, column: column))
        case YAML_SEQUENCE_START_EVENT:
            unsafe refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, line, column)
            begin(isMapping: false, line, column)
        case YAML_MAPPING_START_EVENT:
            unsafe refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, line, column)
            begin(isMapping: true, line, column)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            guard let last = open.popLast() else { return }
            let content: YAMLNode.Content = last.isMapping ? .mapping(last.entries) : .sequence(last.items)
            add(YAMLNode(content: content, line: last.line, column: last.column))
        default:
            break
        }
    }

    private mutating func begin(isMapping: Bool, _ line: Int, _ column: Int) {
        nodes += 1
        open.append(Open(isMapping: isMapping, line: line, column: column))
    }

    private mutating func add(_ node: YAMLNode) {
        if case .scalar = node.content { nodes += 1 }
        guard let last = open.indices.last else {
            documents.append(node)
            return
        }
        guard open[last].isMapping else {
            open[last].items.append(node)
            return
        }
        guard let key = open[last].key else {
            open[last].key = node
            check(key: node, in: last)
            return
        }
        open[last].entries.append(YAMLNode.Entry(key: key, value: node))
        open[last].key = nil
    }

    private mutating func check(key: YAMLNode, in mapping: Int) {
        guard case .scalar(let text, _) = key.content else {
            refuse(
                key.line, key.column,
                "a key cannot be \(key.kind): write a text, or put one with brackets or braces in quotes")
            return
        }
        if let first = open[mapping].keys[text] {
            refuse(
                key.line, key.column,
                "the key \(Spelling.quoted(text)) is there already, in line \(first): remove one of them")
        } else {
            open[mapping].keys[text] = key.line
        }
    }

    private mutating func refuse(_ line: Int, _ column: Int, _ message: String) {
        guard problems.count <= FileProblems.most else { return }
        problems.append(FileProblem(file, line: line, column: column, message))
    }

    @unsafe private mutating func refuse(
        anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, _ line: Int, _ column: Int
    ) {
        if unsafe anchor != nil {
            refuse(line, column, "anchors are not supported: remove it, or put a text that begins with & in quotes")
        }
        if unsafe tag != nil {
            refuse(line, column, "tags are not supported: remove it, or put a text that begins with ! in quotes")
        }
    }

    /// libyaml's own words, which never quote the file, and what to do about those that are met most.
    @unsafe private func failure(of parser: yaml_parser_t, in bytes: [UInt8]) -> FileProblem {
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        let begin = unsafe parser.context_mark.line + 1
        var line = unsafe parser.problem_mark.line + 1
        var column = unsafe parser.problem_mark.column + 1
        if unsafe parser.error == YAML_READER_ERROR {
            // The reader knows only the byte.
            let before = unsafe bytes.prefix(parser.problem_offset)
            line = 1 + before.count { $0 == UInt8(ascii: "\n") }
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
        }
        // So is a text of UTF-16.
        let advice = bytes.contains(0) ? "save the file as UTF-8" : Self.advice(on: problem, begunIn: begin)
        return FileProblem(file, line: line, column: column, "\(problem): \(advice)")
    }

    private static func advice(on problem: String, begunIn line: Int) -> String {
        switch problem {
        case "found character that cannot start any token":
            "put a text that begins with @, ` or % in quotes, and indent by spaces, not tabs"
        case let problem where problem.hasPrefix("found a tab character"): "indent by spaces, not tabs"
        case "mapping values are not allowed in this context":
            "check the indentation, and put a text that contains \": \" in quotes"
        case "could not find expected ':'": "write a colon and a space after the key"
        case "found unexpected end of stream", "found unexpected document indicator":
            "close the quote that is opened in line \(line)"
        case "did not find expected ',' or ']'": "close the list that is opened in line \(line) by ]"
        case "did not find expected ',' or '}'": "close the mapping that is opened in line \(line) by }"
        case "found unknown escape character": "write \\\\ for a backslash, or use single quotes"
        case "control characters are not allowed": "write them as \\x.. within double quotes"
        case let problem where problem.contains("UTF-8") || problem.contains("Unicode"): "save the file as UTF-8"
        default: "check the indentation, quotes and brackets here and in the line before"
        }
    }
}
