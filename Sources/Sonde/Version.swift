/// A version of PostgreSQL or of an extension, compared number by number.
///
/// `17` is the first release of that major, so 17.4 is not older than it. Extensions count in two numbers: `"1.10"` is newer than
/// `"1.9"`, which is why a version is never a floating-point literal.
public struct Version: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// The first number.
    public let major: Int
    /// The second number, 0 where there is none.
    public let minor: Int

    /// Makes a version of its numbers.
    public init(_ major: Int, _ minor: Int = 0) {
        self.major = major
        self.minor = minor
    }

    /// Reads `"17"`, `"1.10"` or `"3.4.2"`, of which the third and later numbers are left out.
    ///
    /// - Returns: nil where the text does not begin with a number.
    public init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = numbers.first, let major = Int(first), major >= 0 else { return nil }
        let minor = numbers.dropFirst().first.map { $0.prefix { $0.isASCII && $0.isNumber } }
        self.init(major, minor.flatMap { Int($0) } ?? 0)
    }

    /// Reads libpq's form, 170004 for 17.4.
    public init(serverNumber: Int) {
        self.init(serverNumber / 10_000, serverNumber % 10_000)
    }

    /// Makes the version of a major's first release.
    public init(integerLiteral value: Int) {
        self.init(value)
    }

    /// Makes the version that a literal such as `"1.10"` names; one that is no version is 0.
    public init(stringLiteral value: String) {
        self = Version(value) ?? Version(0)
    }

    /// Whether the left one is older.
    public static func < (left: Version, right: Version) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

extension Version: CustomStringConvertible {
    /// `17`, or `1.10` where there is a second number.
    public var description: String {
        minor == 0 ? "\(major)" : "\(major).\(minor)"
    }
}
