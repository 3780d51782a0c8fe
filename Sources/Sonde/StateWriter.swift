/// Writes one state set: for each row a sample of each state, 1 for the one that the row is in.
struct StateWriter {
    /// The names that the statement's column may have.
    private let columns: [String]
    private let metric: String
    private let states: [String]
    /// For each state its label, rendered.
    private let labels: [[UInt8]]
    /// The metric's index in the definition.
    private let index: Int

    init(_ columns: [String], _ column: Column, metric: String, index: Int) {
        self.columns = columns
        self.metric = metric
        states = column.states
        labels = column.states.map { state in
            var text = Bump(capacity: 64)
            Label.write(column.name, state, to: &text)
            return text.bytes
        }
        self.index = index
    }

    /// Writes the rows; NULL gives nothing, and a state that was not declared is counted.
    func write(_ rows: borrowing Rows, _ places: [LabelSets.Place], into samples: inout Samples) {
        guard let column = rows.index(ofOneOf: columns), let family = samples.index(of: metric, near: index) else {
            return
        }
        let start = samples.text.count
        let isBool = rows.columns[column].type == Number.TypeID.bool
        for row in 0..<rows.count where places[row].count > 0 {
            guard let text = rows.text(row, at: column) else { continue }
            let state = isBool ? (text == "t" ? "true" : "false") : text
            guard let now = states.firstIndex(of: state) else {
                samples.counts.unreadable += 1
                samples.counts.unknownStates += 1
                continue
            }
            for state in states.indices {
                put(labels[state], places[row], into: &samples)
                samples.text.append(state == now ? "} 1\n" : "} 0\n")
            }
            samples.counts.series += states.count
        }
        samples.close(family, from: start)
    }

    /// Writes a sample up to the end of its labels.
    private func put(_ label: [UInt8], _ place: LabelSets.Place, into samples: inout Samples) {
        samples.text.append(metric)
        samples.text.need(place.count)
        if place.open > 0 {
            unsafe samples.text.put(samples.sets.arena.base + place.start, place.open)
            if place.open > 1 { samples.text.append(",") }
        } else {
            samples.text.append("{")
        }
        samples.text.append(label)
    }
}
