/// Turns a definition's rows into text: each row's labels once, then column by column, cell by cell, from libpq's memory.
struct DefinitionReader: Reader {
    /// What a relation showed when it was last read, for as long as a lock keeps us from reading it again.
    private struct Kept {
        var values: [[UInt8]?]
        var readAt: ContinuousClock.Instant
    }

    private let labels: [(column: String, name: [UInt8])]
    private let infos: [(column: String, name: [UInt8])]
    private let values: [(column: Column, metric: Int, name: [UInt8])]
    private let infoName: [UInt8]
    private let each: Bool
    private let expire: Duration
    private var kept: [UInt64: Kept] = [:]
    private var seen: Set<UInt64> = []

    init(_ definition: Definition, expire: Duration) {
        let named = { (column: Column) in (column: column.name, name: Array(column.name.utf8)) }
        labels = definition.columns.filter { $0.kind == .label }.map(named)
        infos = definition.columns.filter { $0.kind == .info }.map(named)
        infoName = Array("\(definition.prefix)_info".utf8)
        var metric = infos.isEmpty ? 0 : 1
        var values: [(column: Column, metric: Int, name: [UInt8])] = []
        for column in definition.columns where column.kind == .gauge || column.kind == .counter {
            values.append((column, metric, Array("\(definition.prefix)_\(column.name)".utf8)))
            metric += 1
        }
        self.values = values
        each = definition.each
        self.expire = expire
    }

    mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
        // Of the steps of a plan by pages only the last reads rows of ours.
        guard !each || step == 2 else { return }
        samples.counts.rows += rows.count
        let places = insertLabels(rows, into: &samples)
        let leftOut = each ? keep(rows, counting: &samples.counts) : []
        if !infos.isEmpty { writeInfos(rows, places, into: &samples) }
        for value in values {
            guard let index = rows.index(of: value.column.name) else { continue }
            write(rows, places, of: value, at: index, leftOut, into: &samples)
        }
    }

    mutating func finish(into samples: inout Samples) {
        guard each else { return }
        kept = kept.filter { seen.contains($0.key) }
        seen.removeAll(keepingCapacity: true)
    }

    /// Renders the labels of each row; nil for a row whose labels were there already.
    private func insertLabels(_ rows: borrowing Rows, into samples: inout Samples) -> [LabelSets.Place?] {
        let found = labels.compactMap { label in rows.index(of: label.column).map { ($0, label.name) } }
        let fixed = samples.fixed
        var places: [LabelSets.Place?] = []
        places.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            // Without closing brace: info columns follow.
            var place: LabelSets.Place?
            place = Self.insert(rows, row, found, fixed, &samples.sets)
            if place == nil { samples.counts.duplicates += 1 }
            places.append(place)
        }
        return places
    }

    @inline(__always)
    private static func insert(
        _ rows: borrowing Rows, _ row: Int, _ found: [(Int, [UInt8])], _ fixed: [UInt8], _ sets: inout LabelSets
    ) -> LabelSets.Place? {
        sets.begin()
        sets.arena.append(fixed)
        var isFirst = fixed.isEmpty
        for (index, name) in found {
            if !isFirst { sets.arena.append(UInt8(ascii: ",")) }
            isFirst = false
            if let cell = unsafe rows.cell(row, index) {
                unsafe Label.write(name, UnsafeBufferPointer(start: cell.base, count: cell.count), to: &sets.arena)
            } else {
                unsafe Label.write(name, UnsafeBufferPointer(start: nil, count: 0), to: &sets.arena)
            }
        }
        return sets.end()
    }

    private func write(
        _ rows: borrowing Rows, _ places: [LabelSets.Place?], of value: (column: Column, metric: Int, name: [UInt8]),
        at index: Int, _ leftOut: [[[UInt8]?]?], into samples: inout Samples
    ) {
        let start = samples.text.count
        let type = rows.columns[index].type
        let scale = value.column.unit.scale
        let keptIndex = leftOut.isEmpty ? nil : values.firstIndex { $0.metric == value.metric }
        for row in 0..<rows.count {
            guard let place = places[row] else { continue }
            var written: Bool?
            if let cell = unsafe rows.cell(row, index) {
                written = unsafe Self.line(value.name, place, cell, type, scale, &samples)
            } else if let keptIndex, let old = leftOut[row]?[keptIndex] {
                written = unsafe old.withUnsafeBufferPointer { bytes in
                    guard let base = bytes.baseAddress else { return nil }
                    return unsafe Self.line(value.name, place, Rows.Cell(base, count: bytes.count), type, scale, &samples)
                }
            }
            switch written {
            case true?: samples.counts.series += 1
            case false?: samples.counts.unreadable += 1
            case nil: break
            }
        }
        samples.close(value.metric, from: start)
    }

    /// Writes `name{labels} value`, or nothing where the cell is no number.
    @inline(__always)
    @unsafe private static func line(
        _ name: [UInt8], _ place: LabelSets.Place, _ cell: Rows.Cell, _ type: UInt32, _ scale: Unit.Scale,
        _ samples: inout Samples
    ) -> Bool {
        let start = samples.text.count
        samples.text.need(name.count &+ place.count &+ cell.count &+ 64)
        unsafe name.withUnsafeBufferPointer { bytes in
            if let base = bytes.baseAddress { unsafe samples.text.put(base, bytes.count) }
        }
        if place.count > 0 {
            unsafe samples.text.put(UInt8(ascii: "{"))
            unsafe samples.text.put(samples.sets.arena.base + place.start, place.count)
            unsafe samples.text.put(UInt8(ascii: "}"))
        }
        unsafe samples.text.put(UInt8(ascii: " "))
        guard unsafe Number.write(cell, type: type, scale: scale, to: &samples.text) else {
            samples.text.cut(to: start)
            return false
        }
        samples.text.append(UInt8(ascii: "\n"))
        return true
    }

    private func writeInfos(_ rows: borrowing Rows, _ places: [LabelSets.Place?], into samples: inout Samples) {
        let found = infos.compactMap { info in rows.index(of: info.column).map { ($0, info.name) } }
        guard !found.isEmpty else { return }
        let start = samples.text.count
        for row in 0..<rows.count {
            guard let place = places[row] else { continue }
            samples.text.append(infoName)
            samples.text.append(UInt8(ascii: "{"))
            samples.text.need(place.count)
            unsafe samples.text.put(samples.sets.arena.base + place.start, place.count)
            var isFirst = place.count == 0
            for (index, name) in found {
                if !isFirst { samples.text.append(UInt8(ascii: ",")) }
                isFirst = false
                let cell = unsafe rows.cell(row, index)
                unsafe Label.write(
                    name, UnsafeBufferPointer(start: cell?.base, count: cell?.count ?? 0), to: &samples.text)
            }
            samples.text.append("} 1\n")
            samples.counts.series += 1
        }
        samples.close(0, from: start)
    }

    /// Remembers what was read relation by relation, and finds what to show of the relations that could not be.
    ///
    /// - Returns: for each row nil, or the values that it showed when it was last read.
    private mutating func keep(_ rows: borrowing Rows, counting counts: inout Samples.Counts) -> [[[UInt8]?]?] {
        guard let key = rows.index(of: "pgsonde_oid"), let flag = rows.index(of: "pgsonde_left_out") else { return [] }
        let indices = values.map { rows.index(of: $0.column.name) }
        let now = ContinuousClock.now
        var found: [[[UInt8]?]?] = []
        for row in 0..<rows.count {
            guard let oid = unsafe Self.bytes(rows.cell(row, key)).flatMap({ UInt64(String(decoding: $0, as: UTF8.self)) })
            else {
                found.append(nil)
                continue
            }
            seen.insert(oid)
            if unsafe Self.bytes(rows.cell(row, flag)) == [UInt8(ascii: "t")] {
                counts.locked += 1
                let old = kept[oid]
                found.append(old.flatMap { now - $0.readAt < expire ? $0.values : nil })
            } else {
                let fresh = unsafe indices.map { $0.flatMap { unsafe Self.bytes(rows.cell(row, $0)) } }
                kept[oid] = Kept(values: fresh, readAt: now)
                found.append(nil)
            }
        }
        return found
    }

    @unsafe private static func bytes(_ cell: Rows.Cell?) -> [UInt8]? {
        unsafe cell.map { unsafe Array(UnsafeBufferPointer(start: $0.base, count: $0.count)) }
    }
}
