/// Writes one histogram column: for each row its buckets, from two arrays, then the sum and the count.
struct HistogramWriter {
    /// The names that each of the statement's four columns may have: bounds, buckets, sum, count.
    private let columns: [[String]]
    private let metric: String
    private let scale: Unit.Scale
    /// The metric's index in the definition.
    private let index: Int

    init(_ columns: [[String]], metric: String, in unit: Unit, index: Int) {
        self.columns = columns
        self.metric = metric
        scale = unit.scale
        self.index = index
    }

    /// Writes the rows; one that has a NULL gives nothing, one that cannot be read is counted.
    func write(_ rows: borrowing Rows, _ places: [LabelSets.Place], into samples: inout Samples) {
        let found = columns.compactMap { rows.index(ofOneOf: $0) }
        guard found.count == columns.count, let family = samples.index(of: metric, near: index) else { return }
        let start = samples.text.count
        for row in 0..<rows.count where places[row].count > 0 {
            let texts = found.compactMap { rows.text(row, at: $0) }
            guard texts.count == found.count else { continue }
            let line = samples.text.count
            let series = samples.counts.series
            if write(texts, sumType: rows.columns[found[2]].type, places[row], into: &samples) {
                samples.counts.series += 3
            } else {
                samples.text.cut(to: line)
                samples.counts.series = series
                samples.counts.unreadable += 1
                samples.counts.badHistograms += 1
            }
        }
        samples.close(family, from: start)
    }

    private func write(
        _ texts: [String], sumType: UInt32, _ place: LabelSets.Place, into samples: inout Samples
    ) -> Bool {
        guard let bounds = Self.items(of: texts[0]), let counts = Self.items(of: texts[1]),
            bounds.count == counts.count
        else { return false }
        // Buckets hold all that is not above their bounds: from one to the next both only grow, up to the count.
        guard let total = figure(texts[3], .one), total >= 0 else { return false }
        // An aggregate without ORDER BY may have put them into any order.
        let buckets = zip(bounds.map { figure($0, scale) ?? .nan }, counts).sorted { $0.0 < $1.0 }
        var last: (bound: Double?, count: Double) = (nil, 0)
        for (value, count) in buckets {
            guard !value.isNaN, last.bound.map({ value > $0 }) ?? true, let reached = figure(count, .one),
                reached >= last.count, reached <= total
            else { return false }
            last = (value, reached)
            let bound = Self.text(value)
            // The count says it.
            if bound == "+Inf" { continue }
            guard put(count, .one, "_bucket", place, le: bound, into: &samples) else { return false }
            samples.counts.series += 1
        }
        return put(texts[3], .one, "_bucket", place, le: "+Inf", into: &samples)
            && put(texts[2], type: sumType, scale, "_sum", place, into: &samples)
            && put(texts[3], .one, "_count", place, into: &samples)
    }

    /// Writes a sample; says whether its value is a number.
    private func put(
        _ value: String, type: UInt32 = 0, _ scale: Unit.Scale, _ suffix: String, _ place: LabelSets.Place,
        le bound: String? = nil, into samples: inout Samples
    ) -> Bool {
        guard let number = number(value, type: type, scale) else { return false }
        samples.text.append(metric)
        samples.text.append(suffix)
        samples.text.need(place.count)
        guard let bound else {
            unsafe samples.text.put(samples.sets.arena.base + place.start, place.count)
            samples.text.append(number + "\n")
            return true
        }
        if place.open > 0 {
            unsafe samples.text.put(samples.sets.arena.base + place.start, place.open)
            if place.open > 1 { samples.text.append(",") }
        } else {
            samples.text.append("{")
        }
        samples.text.append("le=\"\(bound)\"} \(number)\n")
        return true
    }

    private func figure(_ text: String, _ scale: Unit.Scale) -> Double? {
        number(text, scale).flatMap(Number.parse)
    }

    private func number(_ text: String, type: UInt32 = 0, _ scale: Unit.Scale) -> String? {
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var out = Bump(capacity: buffer.count + Number.room)
            let cell = unsafe Rows.Cell(base, count: buffer.count)
            return unsafe Number.put(cell, type: type, scale: scale, to: &out) ? out.string : nil
        }
    }

    /// A bound as Prometheus' own libraries write it, so that one bound is one series whatever its type in PostgreSQL was: `0.5`, `1e+06`.
    static func text(_ bound: Double) -> String {
        guard bound.isFinite, bound != 0 else { return bound == 0 ? "0" : bound < 0 ? "-Inf" : "+Inf" }
        let parts = bound.magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let whole = mantissa[0].drop { $0 == "0" }
        var digits = whole + (mantissa.count > 1 ? mantissa[1] : "")
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
        exponent -= digits.prefix { $0 == "0" }.count
        digits = digits.drop { $0 == "0" }
        while digits.last == "0" { digits.removeLast() }
        let sign = bound < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let rest = digits.dropFirst()
            let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e\(exponent < 0 ? "-" : "+")\(size)"
        }
        if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
        let missing = exponent + 1 - digits.count
        if missing >= 0 { return "\(sign)\(digits)\(String(repeating: "0", count: missing))" }
        return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    /// The items of a one-dimensional array of numbers, `{1,2.5}`; nil for anything else.
    private static func items(of array: String) -> [String]? {
        guard array.hasPrefix("{"), array.hasSuffix("}") else { return nil }
        let inner = array.dropFirst().dropLast()
        return inner.isEmpty ? [] : inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}
