/// Some of a server's databases, by shell patterns: `*` for any text, `?` for one character.
public struct Databases: Sendable, Hashable {
    /// All of them.
    public static let all = Databases()

    /// Patterns of which a name has to match one.
    public var include: [String]
    /// Patterns of which a name must match none.
    public var exclude: [String]

    /// Makes some; by default all.
    public init(include: [String] = ["*"], exclude: [String] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// Whether a database is one of them.
    public func contains(_ name: String) -> Bool {
        let matches = { (patterns: [String]) in patterns.contains { Pattern.matches(name, $0) } }
        return matches(include) && !matches(exclude)
    }
}
