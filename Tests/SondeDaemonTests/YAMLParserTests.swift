import Testing

@testable import SondeDaemon

@Suite("YAML parser")
struct YAMLParserTests {
    @Test("nodes know their lines and columns, counted from 1 and in characters")
    func places() throws {
        let text = "a: 1\n# comment\nlist:\n  - x\n  - {ä: 'q', \"b\": [1]}\n"
        let root = try #require(try YAMLParser.document(in: Array(text.utf8), file: "f"))
        guard case .mapping(let entries) = root.content else { throw ConfigTestFailure("no mapping") }
        #expect(entries.map(\.key.text) == ["a", "list"])
        #expect(
            entries.map { [$0.key.line, $0.key.column, $0.value.line, $0.value.column] } == [
                [1, 1, 1, 4], [3, 1, 4, 3],
            ])
        guard case .sequence(let items) = entries[1].value.content, items.count == 2,
            case .mapping(let inner) = items[1].content
        else { throw ConfigTestFailure("no list") }
        #expect([items[1].line, items[1].column] == [5, 5])
        #expect(inner[0].value.content == .scalar("q", isPlain: false))
        #expect([inner[0].value.line, inner[0].value.column] == [5, 9])
        #expect([inner[1].key.line, inner[1].key.column] == [5, 14])
    }

    @Test(
        "what means null is plain and empty, ~ or null",
        arguments: [
            ("", true), ("~", true), ("null", true), ("NULL", true), ("''", false), ("'null'", false), ("nul", false),
        ])
    func null(_ text: String, _ isNull: Bool) throws {
        let root = try #require(try YAMLParser.document(in: Array("k: \(text)\n".utf8), file: "f"))
        guard case .mapping(let entries) = root.content else { throw ConfigTestFailure("no mapping") }
        #expect(entries[0].value.isNull == isNull)
    }

    @Test("a mark before the first character is no part of the file")
    func mark() throws {
        let root = try #require(try YAMLParser.document(in: Array("\u{FEFF}a: 1\nb: 2\n".utf8), file: "f"))
        guard case .mapping(let entries) = root.content else { throw ConfigTestFailure("no mapping") }
        #expect(entries.map(\.key.text) == ["a", "b"])
        #expect(entries[0].value.column == 4)
    }

    @Test("files without a document are empty, and documents are read in their order")
    func documents() throws {
        for text in ["", "\n\n", "# only a comment\n", "\u{FEFF}"] {
            #expect(try YAMLParser.documents(in: Array(text.utf8), file: "f").isEmpty)
        }
        let documents = try YAMLParser.documents(in: Array("--- a\n--- b\n...\n---\nc: 1\n".utf8), file: "f")
        #expect(documents.map(\.text) == ["a", "b", nil])
    }

    @Test(
        "what is refused says where and what to do",
        arguments: [
            (
                "a: 1\nb: 2\na: 3\n",
                "f:3:1: the key \"a\" is there already, in line 1: remove one of them"
            ),
            (
                "a: &x 1\n",
                "f:1:4: anchors are not supported: remove it, or put a text that begins with & in quotes"
            ),
            (
                "a: *x\n",
                "f:1:4: aliases are not supported: write the value itself, or put a text that begins with * in quotes"
            ),
            ("a: !!str 1\n", "f:1:4: tags are not supported: remove it, or put a text that begins with ! in quotes"),
            ("a: !x [1]\n", "f:1:4: tags are not supported: remove it, or put a text that begins with ! in quotes"),
            (
                "a: 1\n? [b]\n: 2\n",
                "f:2:3: a key cannot be a list: write a text, or put one with brackets or braces in quotes"
            ),
            ("%YAML 1.1\n---\na: 1\n", "f:1:1: a line cannot begin with %: remove the directive"),
            ("a: 1\n\tb: 2\n", "f:2:1: found a tab character that violates indentation: indent by spaces, not tabs"),
            (
                "a: @x\n",
                """
                f:1:4: found character that cannot start any token: put a text that begins with @, ` or % in quotes, and \
                indent by spaces, not tabs
                """
            ),
            (
                "a: b: c\n",
                """
                f:1:5: mapping values are not allowed in this context: check the indentation, and put a text that contains \
                ": " in quotes
                """
            ),
            ("a: [1, 2\n", "f:2:1: did not find expected ',' or ']': close the list that is opened in line 1 by ]"),
            ("a: 1\nb: 'open\n\n", "f:4:1: found unexpected end of stream: close the quote that is opened in line 2"),
            ("a: \"\\q\"\n", "f:1:5: found unknown escape character: write \\\\ for a backslash, or use single quotes"),
            (
                "a: 1\n  b: 2\n",
                "f:2:4: mapping values are not allowed in this context: check the indentation, and put a text that contains \": \" in quotes"
            ),
            ("a: 1\nb\n", "f:3:1: could not find expected ':': write a colon and a space after the key"),
            ("a: 1\nü: \u{1}\n", "f:2:4: control characters are not allowed: write them as \\x.. within double quotes"),
        ])
    func refused(_ text: String, _ problem: String) {
        #expect(told { _ = try YAMLParser.documents(in: Array(text.utf8), file: "f") } == [problem])
    }

    @Test("bytes that are not UTF-8 are told by line and column")
    func notUTF8() {
        let bytes = Array("a: 1\nb: \"ü".utf8) + [0xFF] + Array("\"\n".utf8)
        #expect(
            told { _ = try YAMLParser.documents(in: bytes, file: "f") }
                == ["f:2:6: invalid leading UTF-8 octet: save the file as UTF-8"])
        let wide: [UInt8] = [0xFF, 0xFE, 0x61, 0]
        #expect(
            told { _ = try YAMLParser.documents(in: wide, file: "f") }
                == ["f:1:1: invalid leading UTF-8 octet: save the file as UTF-8"])
    }

    @Test("all refusals of a file are told at once, but not thousands of them")
    func manyProblems() {
        let found = told { _ = try YAMLParser.documents(in: Array("a: &x 1\nb: !t 2\na: *x\n".utf8), file: "f") }
        #expect(found.map { $0.prefix(6) } == ["f:1:4:", "f:2:4:", "f:3:1:", "f:3:4:"])
        let many = String(repeating: "- !x 1\n", count: 5_000)
        #expect(
            told { _ = try YAMLParser.documents(in: Array(many.utf8), file: "f") }.count <= FileProblems.most + 1)
    }

    @Test("a second document is an error where there is one")
    func secondDocument() {
        #expect(
            told { _ = try YAMLParser.document(in: Array("a: 1\n---\nb: 2\n".utf8), file: "f") }
                == ["f:3:1: a second document begins: this file has one, remove the line --- before it"])
    }

    @Test(
        "depth, number and size are limited",
        arguments: [
            ("[", 5_000, "f:1:33: lists and mappings are more than 32 deep: check brackets and indentation"),
            ("- ", 5_000, "f:1:65: lists and mappings are more than 32 deep: check brackets and indentation"),
            ("{a: ", 5_000, "f:1:129: lists and mappings are more than 32 deep: check brackets and indentation"),
            ("- a\n", 100_001, "f:100000:3: the file has more than 100000 values: split it"),
            ("a", (1 << 20) + 1, "f: the file is larger than 1 MiB: split it"),
        ])
    func limits(_ pattern: String, _ count: Int, _ problem: String) {
        let text = String(repeating: pattern, count: count)
        #expect(told { _ = try YAMLParser.documents(in: Array(text.utf8), file: "f") } == [problem])
    }

    @Test(
        "patterns that make parsers slow end soon",
        .timeLimit(.minutes(1)),
        arguments: [
            "? ", "?\n", "- - ", "[a,", "{a,", "a: ", "a: \n", "\"", "'", "\\", "!", "&a ", "*a ", "#", " #\n", "|\n ",
            ">\n\n", "---\n", "\u{2028}", ": ", "a\n", "%TAG ! a\n", " ", "\n", "\r", "a b ",
        ])
    func slow(_ pattern: String) {
        let count = YAMLParser.maxBytes / 32 / pattern.utf8.count
        for prefix in ["", "k: ", "\"", "k: |\n  ", "[", "{"] {
            let text = prefix + String(repeating: pattern, count: count - 2)
            let found = told { _ = try YAMLParser.documents(in: Array(text.utf8), file: "f") }
            #expect(found.count <= FileProblems.most + 1)
        }
    }
}

/// The lines of what is thrown; empty where nothing is.
func told(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch let error as FileProblems {
        return error.problems.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

/// Why a test cannot go on.
struct ConfigTestFailure: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
