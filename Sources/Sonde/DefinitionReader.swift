/// Turns a definition's rows into text: each row's labels once, then column by column, cell by cell, from libpq's memory.
struct DefinitionReader: Reader {
    /// A label or info column.
    private struct Key {
        /// The names that the statement's column may have.
        let columns: [String]
        /// The label's name with `="` after it, in bytes.
        let name: [UInt8]
    }

    /// A metric that is one number.
    private struct Value {
        let columns: [String]
        let metric: String
        let name: [UInt8]
        let scale: Unit.Scale
        /// The metric's index in the definition.
        let index: Int
    }

    private let labels: [Key]
    private let infos: [Key]
    private let values: [Value]
    private let histograms: [HistogramWriter]
    private let stateSets: [StateWriter]
    private let infoName: String
    /// Whether the definition is evaluated relation by relation.
    private let each: Bool
    private let expire: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let crowd: Crowd?
    private var remembered = Remembered()
    /// What a run under way has found of a limited definition that goes relation by relation.
    private var poll = Poll(width: 0)
    private var places: [LabelSets.Place] = []

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - definition: whose rows it reads.
    ///   - expire: for how long a locked relation shows what it showed before.
    ///   - now: the time, which tests set.
    init(
        _ definition: Definition, expire: Duration,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        let key = { (column: Column) in
            Key(columns: definition.sources(column.name, column.sql), name: Array("\(column.name)=\"".utf8))
        }
        labels = definition.columns.filter { $0.kind == .label }.map(key)
        infos = definition.columns.filter { $0.kind == .info }.map(key)
        infoName = "\(definition.prefix)_info"
        let first = infos.isEmpty ? 0 : 1
        let metrics = definition.columns.filter(\.kind.isMetric).enumerated()
        values = metrics.filter(\.element.isNumber).map { offset, column in
            let name = definition.name(of: column)
            return Value(
                columns: definition.sources(column.name, column.sql), metric: name, name: Array(name.utf8),
                scale: column.unit.scale,
                index: first + offset)
        }
        histograms = metrics.filter { $0.element.histogram != nil }.map { offset, column in
            HistogramWriter(
                column.parts.map(definition.sources), metric: definition.name(of: column), in: column.unit,
                index: first + offset)
        }
        stateSets = metrics.filter { $0.element.kind == .stateset }.map { offset, column in
            StateWriter(
                definition.sources(column.name, column.sql), column, metric: definition.name(of: column),
                index: first + offset)
        }
        crowd = definition.limit.map { limit in
            Crowd(
                limit, of: definition, columns: metrics.map(\.element).filter(\.isNumber), now: now)
        }
        each = definition.each
        self.expire = expire
        self.now = now
    }

    mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
        if each, step == 0 {
            remembered.begin()
            poll = crowd?.makePoll() ?? Poll(width: 0)
            places = []
        }
        guard step == (each ? Query.readingStep : 0) else { return }
        samples.count(rows: rows.count)
        var places = insertLabels(rows, into: &samples)
        let leftOut = each ? remember(rows, counting: &samples.counts) : []
        if each, let crowd { return gather(rows, places, leftOut, crowd, samples) }
        let shown = crowd.map { crowd in
            var poll = crowd.makePoll()
            crowd.add(rows, places, samples.sets, to: &poll)
            return crowd.show(poll, places, in: &samples)
        }
        if let shown { places = shown.places }
        writeInfos(rows, places, into: &samples)
        for (offset, value) in values.enumerated() {
            guard let column = rows.index(ofOneOf: value.columns),
                let metric = samples.index(of: value.metric, near: value.index)
            else { continue }
            let start = samples.text.count
            write(value, rows, column, places, into: &samples)
            writeRemembered(offset, rows, column, places, leftOut, into: &samples)
            if let shown { write(shown.others[offset], of: value, shown.other, into: &samples) }
            samples.close(metric, from: start)
        }
        for histogram in histograms { histogram.write(rows, places, into: &samples) }
        for states in stateSets { states.write(rows, places, into: &samples) }
    }

    mutating func finish(into samples: inout Samples) {
        if each { remembered.finish() }
        guard each, let crowd else { return }
        let shown = crowd.show(poll, places, in: &samples)
        for (offset, value) in values.enumerated() {
            guard let metric = samples.index(of: value.metric, near: value.index) else { continue }
            let start = samples.text.count
            var row = 0
            for (index, place) in places.enumerated() where place.count > 0 {
                if shown.places[index].count > 0 {
                    let number = poll.values[row * poll.width + offset]
                    write(number.isNaN ? nil : value.scale.base(number), of: value, place, into: &samples)
                }
                row += 1
            }
            write(shown.others[offset], of: value, shown.other, into: &samples)
            samples.close(metric, from: start)
        }
        poll = Poll(width: 0)
        places = []
    }

    /// Keeps a page of a limited definition until all are there.
    private mutating func gather(
        _ rows: borrowing Rows, _ places: [LabelSets.Place], _ leftOut: [(row: Int, at: Int)], _ crowd: Crowd,
        _ samples: borrowing Samples
    ) {
        let first = poll.count
        crowd.add(rows, places, samples.sets, to: &poll)
        self.places += places
        guard !leftOut.isEmpty else { return }
        var at = first
        let polled = places.map { place in
            defer { at += place.count > 0 ? 1 : 0 }
            return at
        }
        for (row, old) in leftOut where places[row].count > 0 {
            for value in values.indices {
                let number = unsafe remembered.withText(of: value, at: old) { text in
                    guard let base = text.baseAddress else { return Double.nan }
                    return unsafe Figure.read(Rows.Cell(base, count: text.count), isDecimal: true, type: 0)
                }
                poll.values[polled[row] * poll.width + value] = number ?? .nan
            }
        }
    }

    /// Writes a number in the base unit.
    private func write(
        _ number: Double?, of value: Value, _ place: LabelSets.Place, into samples: inout Samples
    ) {
        guard let number else { return }
        _ = unsafe Self.begin(value.name, place, 0, &samples)
        unsafe Number.put(number, to: &samples.text)
        samples.text.append(UInt8(ascii: "\n"))
        samples.counts.series += 1
    }

    /// Renders the labels of each row; a row whose labels were there already has no place.
    private func insertLabels(_ rows: borrowing Rows, into samples: inout Samples) -> [LabelSets.Place] {
        let found = labels.compactMap { label in rows.index(ofOneOf: label.columns).map { ($0, label.name) } }
        let fixed = samples.fixed
        var places: [LabelSets.Place] = []
        places.reserveCapacity(rows.count)
        samples.sets.reserve(rows.count)
        for row in 0..<rows.count {
            samples.sets.begin(fixed)
            for (column, name) in found {
                let cell = unsafe rows.cell(row, column)
                let text = unsafe UnsafeBufferPointer(start: cell?.base, count: cell?.count ?? 0)
                unsafe samples.sets.add(name, Number.isTruth(rows.columns[column].type) ? Label.truth(text) : text)
            }
            let place = samples.sets.end()
            if place == nil { samples.counts.duplicates += 1 }
            places.append(place ?? .none)
        }
        return places
    }

    /// Writes a column's samples.
    private func write(
        _ value: Value, _ rows: borrowing Rows, _ column: Int, _ places: [LabelSets.Place], into samples: inout Samples
    ) {
        let type = rows.columns[column].type
        let isPlain = value.scale == .one && Number.isDecimal(type)
        var series = 0
        var unreadable = 0
        for row in 0..<rows.count {
            let place = places[row]
            guard place.count > 0, let cell = unsafe rows.cell(row, column) else { continue }
            let start = unsafe Self.begin(value.name, place, cell.count, &samples)
            let isWritten =
                unsafe isPlain
                ? Number.put(cell, to: &samples.text)
                : Number.put(cell, type: type, scale: value.scale, to: &samples.text)
            if isWritten {
                unsafe samples.text.put(UInt8(ascii: "\n"))
                series &+= 1
            } else {
                samples.text.cut(to: start)
                unreadable &+= 1
            }
        }
        samples.counts.series += series
        samples.counts.unreadable += unreadable
    }

    /// Writes a column's samples of the relations that could not be read, as they were before.
    private func writeRemembered(
        _ value: Int, _ rows: borrowing Rows, _ column: Int, _ places: [LabelSets.Place],
        _ leftOut: [(row: Int, at: Int)], into samples: inout Samples
    ) {
        let type = rows.columns[column].type
        for (row, at) in leftOut where places[row].count > 0 {
            let isWritten = unsafe remembered.withText(of: value, at: at) { text in
                guard let base = text.baseAddress else { return false }
                let start = unsafe Self.begin(values[value].name, places[row], text.count, &samples)
                let cell = unsafe Rows.Cell(base, count: text.count)
                guard unsafe Number.put(cell, type: type, scale: values[value].scale, to: &samples.text) else {
                    samples.text.cut(to: start)
                    return false
                }
                unsafe samples.text.put(UInt8(ascii: "\n"))
                return true
            }
            if isWritten == true { samples.counts.series += 1 }
        }
    }

    /// Writes `name{labels} ` and makes room for the number of a cell of so many bytes, and a line feed.
    ///
    /// - Returns: where the line begins.
    @inline(__always)
    @unsafe private static func begin(
        _ name: [UInt8], _ place: LabelSets.Place, _ length: Int, _ samples: inout Samples
    ) -> Int {
        let start = samples.text.count
        samples.text.need(name.count &+ place.count &+ length &+ Number.room &+ 1)
        unsafe name.withUnsafeBufferPointer { bytes in
            if let base = bytes.baseAddress { unsafe samples.text.put(base, bytes.count) }
        }
        unsafe samples.text.put(samples.sets.arena.base + place.start, place.count)
        return start
    }

    /// Writes the constant metric whose labels are the info columns.
    private func writeInfos(_ rows: borrowing Rows, _ places: [LabelSets.Place], into samples: inout Samples) {
        let found = infos.compactMap { info in rows.index(ofOneOf: info.columns).map { ($0, info.name) } }
        guard !found.isEmpty, let metric = samples.index(of: infoName, near: 0) else { return }
        let start = samples.text.count
        for row in 0..<rows.count {
            let place = places[row]
            guard place.count > 0 else { continue }
            samples.text.append(infoName)
            samples.text.need(place.count + 1)
            if place.open > 0 {
                unsafe samples.text.put(samples.sets.arena.base + place.start, place.open)
            } else {
                unsafe samples.text.put(UInt8(ascii: "{"))
            }
            var isFirst = place.open == 0
            for (column, name) in found {
                if !isFirst { samples.text.append(UInt8(ascii: ",")) }
                isFirst = false
                let cell = unsafe rows.cell(row, column)
                unsafe Label.write(
                    name, UnsafeBufferPointer(start: cell?.base, count: cell?.count ?? 0), to: &samples.text)
            }
            samples.text.append("} 1\n")
            samples.counts.series += 1
        }
        samples.close(metric, from: start)
    }

    /// Remembers what was read relation by relation, and finds what the relations that could not be read showed before.
    private mutating func remember(
        _ rows: borrowing Rows, counting counts: inout Samples.Counts
    ) -> [(row: Int, at: Int)] {
        guard let key = rows.index(of: Query.relation), let flag = rows.index(of: Query.leftOut) else { return [] }
        let columns = values.map { rows.index(ofOneOf: $0.columns) }
        let now = now()
        var found: [(row: Int, at: Int)] = []
        for row in 0..<rows.count {
            guard let relation = unsafe rows.cell(row, key).flatMap({ unsafe Self.relation($0) }) else { continue }
            if let cell = unsafe rows.cell(row, flag), unsafe cell.count == 1, unsafe cell.base[0] == UInt8(ascii: "t")
            {
                counts.locked += 1
                let old = remembered.carry(relation, columns: columns.count, at: now, within: expire)
                if let old { found.append((row, old)) }
            } else {
                remembered.keep(relation, rows, row, columns, at: now)
            }
        }
        return found
    }

    /// A cell as an object identifier.
    @unsafe private static func relation(_ cell: Rows.Cell) -> UInt32? {
        var text = unsafe Scanner(UnsafeBufferPointer(start: cell.base, count: cell.count))
        guard let value = text.digits(upTo: Int64(UInt32.max)), text.isAtEnd else { return nil }
        return UInt32(value)
    }
}
