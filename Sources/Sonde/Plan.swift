/// What a collector wants to run against a server with certain facts.
public enum Plan: Sendable, Hashable {
    /// Each of these once, in this order.
    case steps([Step])
    /// `first` once, then `page` again and again: while all its steps succeed and the last returns at least `size` rows.
    ///
    /// A reader sees the steps under their indices in ``steps``, those of a page under the same ones each time.
    case pages(size: Int, first: [Step], page: [Step])
    /// Nothing, for a reason that is a state and no error.
    case skip(Skip)

    /// All steps, those of a page once.
    public var steps: [Step] {
        switch self {
        case .steps(let steps): steps
        case .pages(_, let first, let page): first + page
        case .skip: []
        }
    }
}
