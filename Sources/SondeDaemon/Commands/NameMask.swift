import Sonde

/// Puts something in the place of names and addresses in texts that others may read.
struct NameMask: Sendable {
    /// Names as they may stand in a text, by their first characters, the longest first.
    private var forms: [Character: [(text: String, mask: String)]] = [:]

    /// What everybody has says nothing.
    private static let common = ["postgres", "pgsonde", "localhost", "127.0.0.1", "::1", "monitor", "public"]

    /// Makes a mask.
    ///
    /// - Parameter names: the names, with what stands for them; the first counts where one is there twice.
    init(_ names: [(text: String, mask: String)]) {
        var seen: Set<String> = []
        for (name, mask) in names where !name.isEmpty && !Self.common.contains(name) {
            for form in [name, Identifier.quoted(name), name.replacing("'", with: "''")] {
                guard let first = form.first, seen.insert(form).inserted else { continue }
                forms[first, default: []].append((form, mask))
            }
        }
        for first in forms.keys { forms[first]?.sort { $0.text.utf8.count > $1.text.utf8.count } }
    }

    /// The text with masks in it, in one pass: what stands for a name is not looked at again.
    ///
    /// A name is replaced where it stands by itself, and not within a longer word.
    func masked(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var before: Character?
        while let character = rest.first {
            // What stands for a name already stays.
            if character == "<", let mask = rest.prefixMatch(of: /<[a-z]+(?: [0-9]+)?>/)?.output {
                result += mask
                rest = rest[mask.endIndex...]
                before = ">"
                continue
            }
            let found = forms[character]?.first { form in
                rest.hasPrefix(form.text) && !Self.isWithin(before, form.text.first)
                    && !Self.isWithin(form.text.last, rest.dropFirst(form.text.count).first)
            }
            if let found {
                result += found.mask
                rest = rest.dropFirst(found.text.count)
                before = found.text.last
            } else if let address = Self.address(rest, after: before) {
                result += "<address>"
                rest = rest[address.endIndex...]
                before = address.last
            } else {
                result.append(character)
                rest.removeFirst()
                before = character
            }
        }
        return result
    }

    /// Whether two neighbours belong to one word.
    private static func isWithin(_ one: Character?, _ other: Character?) -> Bool {
        [one, other].allSatisfy { $0.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
    }

    /// The address of another machine that a text begins with: four numbers, or between parentheses or quotes anything with two colons.
    private static func address(_ text: Substring, after before: Character?) -> Substring? {
        let word = text.prefix { $0.isASCII && ($0.isHexDigit || $0 == "." || $0 == ":") }
        guard !word.isEmpty, !common.contains(String(word)), !isWithin(before, word.first),
            !isWithin(word.last, text[word.endIndex...].first)
        else { return nil }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return word }
        let isEnclosed = before == "(" || before == "\"" || text[word.endIndex...].hasPrefix("/128")
        return isEnclosed && word.count { $0 == ":" } > 1 ? word : nil
    }
}
