/// What becomes of a gauge's values in the rows that are not shown by name.
public enum Fold: String, Sendable, Hashable, CaseIterable {
    /// They are not shown.
    case none
    /// `other` is their sum.
    case sum
    /// `other` is the largest of them.
    case max
    /// `other` is the smallest of them.
    case min
}
