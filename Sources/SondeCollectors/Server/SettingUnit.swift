/// A unit as `pg_settings.unit` spells it: `kB`, `8kB`, `ms`, `min`.
package struct SettingUnit: Sendable, Hashable {
    /// What numbers are shown in.
    package enum Base: Sendable, Hashable {
        case bytes
        case seconds
    }

    /// What numbers are shown in.
    package let base: Base
    private let factor: Double
    private let divisor: Double

    /// Reads a unit.
    ///
    /// - Returns: nil for one that is not known; its settings are left out rather than guessed at.
    package init?(_ text: String) {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        var count = 1.0
        if digits > 0 {
            // A block or a segment has no more digits; this many cannot overflow.
            guard digits <= 9, let read = Double(String(text.prefix(digits))), read > 0 else { return nil }
            count = read
        }
        let (base, factor, divisor): (Base, Double, Double)
        switch text.dropFirst(digits) {
        case "B": (base, factor, divisor) = (.bytes, 1, 1)
        case "kB": (base, factor, divisor) = (.bytes, 1_024, 1)
        case "MB": (base, factor, divisor) = (.bytes, 1_048_576, 1)
        case "GB": (base, factor, divisor) = (.bytes, 1_073_741_824, 1)
        case "TB": (base, factor, divisor) = (.bytes, 1_099_511_627_776, 1)
        case "us": (base, factor, divisor) = (.seconds, 1, 1_000_000)
        case "ms": (base, factor, divisor) = (.seconds, 1, 1_000)
        case "s": (base, factor, divisor) = (.seconds, 1, 1)
        case "min": (base, factor, divisor) = (.seconds, 60, 1)
        case "h": (base, factor, divisor) = (.seconds, 3_600, 1)
        case "d": (base, factor, divisor) = (.seconds, 86_400, 1)
        default: return nil
        }
        self.base = base
        self.factor = count * factor
        self.divisor = divisor
    }

    /// A number in this unit as one in the base unit; -1, by which PostgreSQL says "off" or "as another setting", stays.
    package func base(_ value: Double) -> Double {
        value == -1 ? value : value * factor / divisor
    }
}
