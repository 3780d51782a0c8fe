/// Words that the user may have meant, and texts of the user's in our sentences.
enum Spelling {
    /// The name that is most like a word; nil where none is like it.
    static func nearest(_ word: String, among names: some Sequence<String>) -> String? {
        let word = Array(word.utf8)
        // What is longer than any name we have is no slip of the finger, and would cost time.
        guard !word.isEmpty, word.count <= 64 else { return nil }
        let allowed = max(1, word.count / 3)
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = distance(word.map(plain), name.utf8.map(plain))
            if distance <= allowed, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// What to do about an unknown word: `did you mean "host"?`, or the list of what there is.
    static func advice(for word: String, among names: [String]) -> String {
        if let name = nearest(word, among: names) { return "did you mean \"\(name)\"?" }
        return "write one of \(names.joined(separator: ", "))"
    }

    /// A text of the user's in quotes: on one line, without control characters, and not longer than a line.
    static func quoted(_ text: String) -> String {
        var shown = "\""
        for (index, scalar) in text.unicodeScalars.enumerated() {
            guard index < 60 else {
                shown += "…"
                break
            }
            shown.unicodeScalars.append(isControl(scalar) ? "\u{FFFD}" : scalar)
        }
        return shown + "\""
    }

    /// Whether a scalar could end a line, move a terminal's cursor or turn the direction of the text.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Whether a text is digits and nothing else.
    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Case, and whether `-`, `.` or `_` joins the words, are the slips that cost nothing.
    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "): UInt8(ascii: "_")
        default: byte
        }
    }

    /// The least number of bytes to put in, take out, change or swap with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var before: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(last[column + 1] + 1, next[column] + 1, last[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            before = last
            last = next
        }
        return last[right.count]
    }
}
