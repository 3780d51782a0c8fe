/// A piece of SQL, the same for every version or by the first version that it holds for.
///
/// A string literal is the text of all versions. A dictionary literal lists the first version of each text, and nil where the thing
/// is gone: `[13: "b.buffers_backend", 17: nil]`. Below the first version there is no text.
public struct SQL: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    /// A text and the first version that it holds for.
    public struct Era: Sendable, Hashable {
        /// The first version of this era.
        public let since: Version
        /// The text; nil where the thing does not exist.
        public let text: String?

        /// Makes an era.
        public init(since: Version, text: String?) {
            self.since = since
            self.text = text
        }
    }

    /// The eras, oldest first; the era of a text for all versions begins at version 0.
    public let eras: [Era]

    /// Makes SQL of eras in any order.
    public init(_ eras: [Era]) {
        self.eras = eras.sorted { $0.since < $1.since }
    }

    /// Makes SQL that is the same for every version.
    public init(_ text: String) {
        eras = [Era(since: 0, text: text)]
    }

    /// Makes SQL that is the same for every version.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Makes SQL of the first versions and their texts, nil where the thing is gone.
    public init(dictionaryLiteral elements: (Version, String?)...) {
        self.init(elements.map { Era(since: $0.0, text: $0.1) })
    }

    /// The text that holds for a version; nil where the thing does not exist in it.
    public func text(for version: Version) -> String? {
        eras.last { $0.since <= version }?.text
    }

    /// The one text, if it is the same for every version.
    public var everywhere: String? {
        guard eras.count == 1, let era = eras.first, era.since == Version(0) else { return nil }
        return era.text
    }
}
