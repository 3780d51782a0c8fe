/// Shell patterns: `*` for any text, `?` for one character; everything else stands for itself.
package enum Pattern {
    /// Whether a pattern matches a whole text.
    package static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.unicodeScalars)
        let pattern = Array(pattern.unicodeScalars)
        var (at, place) = (0, 0)
        // Where to go on after a mismatch: one character more for the last star.
        var retry: (at: Int, place: Int)?
        while at < text.count {
            if place < pattern.count, pattern[place] == "*" {
                retry = (at, place)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[at] {
                at += 1
                place += 1
            } else if let last = retry {
                at = last.at + 1
                place = last.place + 1
                retry = (at, last.place)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
