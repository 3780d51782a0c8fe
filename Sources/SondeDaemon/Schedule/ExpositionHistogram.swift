/// Checks the lines of a histogram: bounds that grow, counts that do not fall, and an end that is the count of all.
struct ExpositionHistogram {
    private struct State {
        var bound = -Double.infinity
        var most = 0.0
        var count: Double?
    }

    /// By the labels beside the bound.
    private var states: [[ExpositionLine.Label]: State] = [:]

    /// Takes the next line.
    ///
    /// - Throws: what is wrong with it.
    mutating func take(_ sample: Exposition.Sample, of name: String) throws(Exposition.Problem) {
        let key = sample.labels.filter { $0.name != "le" }.sorted { $0.name < $1.name }
        var state = states[key] ?? State()
        if sample.name == "\(name)_count" {
            state.count = sample.value
        } else if sample.name == "\(name)_bucket" {
            let text = sample.labels.first { $0.name == "le" }?.value ?? ""
            guard let bound = ExpositionLine.number(text[...]), !bound.isNaN else {
                throw Exposition.Problem(line: sample.line, "le is \(Spelling.quoted(text)), which is no number")
            }
            guard bound > state.bound, sample.value >= state.most else {
                throw Exposition.Problem(
                    line: sample.line, "the bounds of a histogram grow from line to line, and its counts never fall")
            }
            state.bound = bound
            state.most = sample.value
        }
        states[key] = state
    }

    /// Looks at all of it.
    ///
    /// - Throws: what is missing.
    func finish(_ family: Exposition.Family) throws(Exposition.Problem) {
        for state in states.values {
            guard state.bound == .infinity, let count = state.count, count == state.most else {
                throw family.problem(
                    "each set of labels of the histogram \(family.name) needs a bucket le=\"+Inf\" and an equal _count")
            }
        }
    }
}
