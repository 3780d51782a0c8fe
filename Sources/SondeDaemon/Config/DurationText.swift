import Sonde

/// Durations as the user writes them: `500ms`, `15s`, `1m30s`, `1d`.
enum DurationText {
    /// The longest that can be written, which keeps every sum and product of durations far from overflow.
    static let longest: Duration = .seconds(366 * 86_400)

    /// The units, longest first, with their length in nanoseconds.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    /// Reads numbers with units, the longest unit first and none twice.
    ///
    /// - Throws: what is wrong, and how it should look.
    static func parse(_ text: String) throws(ValueProblem) -> Duration {
        var rest = Substring(text).utf8
        var sum: Int64 = 0
        var units = units[...]
        guard !rest.isEmpty else { throw unreadable(text) }
        while !rest.isEmpty {
            let digits = Substring(rest.prefix { isDigit($0) })
            rest = rest[digits.endIndex...]
            let letters = Substring(rest.prefix { !isDigit($0) })
            rest = rest[letters.endIndex...]
            guard !digits.isEmpty else { throw unreadable(text) }
            guard !letters.isEmpty else {
                throw ValueProblem("\(Spelling.quoted(text)) has no unit: write \(digits)s for seconds")
            }
            guard let place = units.firstIndex(where: { $0.name == letters }) else { throw unreadable(text) }
            guard let number = Int64(digits) else { throw tooLong(text) }
            let (product, hasOverflown) = number.multipliedReportingOverflow(by: units[place].nanoseconds)
            let (next, hasOverflownToo) = sum.addingReportingOverflow(product)
            guard !hasOverflown, !hasOverflownToo else { throw tooLong(text) }
            sum = next
            units = units[(place + 1)...]
        }
        guard .nanoseconds(sum) <= longest else { throw tooLong(text) }
        return .nanoseconds(sum)
    }

    /// Writes a duration so that it reads back as the same, to the nanosecond.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = min(max(duration, .zero), longest).components
        var rest = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        guard rest > 0 else { return "0s" }
        var text = ""
        for unit in units {
            let (number, remainder) = rest.quotientAndRemainder(dividingBy: unit.nanoseconds)
            if number > 0 { text += "\(number)\(unit.name)" }
            rest = remainder
        }
        return text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func unreadable(_ text: String) -> ValueProblem {
        ValueProblem(
            "\(Spelling.quoted(text)) is not a duration: write whole numbers with units, as in 15s, 500ms, 1m30s or 1d"
        )
    }

    private static func tooLong(_ text: String) -> ValueProblem {
        ValueProblem("\(Spelling.quoted(text)) is too long: the longest duration is \(self.text(longest))")
    }
}

extension Timing {
    /// What is wrong with times that somebody wrote; each begins with the key that it is about.
    var problems: [String] {
        let least = DurationText.text(every)
        var problems: [String] = []
        if timeout > every {
            problems.append("timeout is longer than every: write at most \(least), or a longer every")
        }
        if expire < every {
            problems.append(
                "expire is shorter than every, so that numbers would come and go: write at least \(least)")
        }
        return problems
    }
}
