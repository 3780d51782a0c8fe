/// The rows of the previous complete poll, each at a place that it keeps for as long as it is there.
struct KnownRows: Sendable {
    private var places: [Fingerprint: Int] = [:]
    private var free: [Int] = []
    /// The poll that each row was last seen in.
    private var seen: [UInt32] = []
    private var poll: UInt32 = 0
    private(set) var keys: [Fingerprint] = []
    private(set) var sinces: [UInt64] = []
    /// Whether the previous complete poll had the row.
    private(set) var isKnown: [Bool] = []
    /// The rows' numbers, one row after the other; NaN for none.
    var values: [Double] = []

    /// Begins a poll: finds the places of its rows, and gives new rows a place.
    mutating func find(_ rows: Poll, width: Int) -> [Int] {
        poll &+= 1
        if keys.isEmpty {
            places.reserveCapacity(rows.count)
            values.reserveCapacity(rows.count * width)
        }
        return rows.keys.map { key in
            let place = places[key] ?? add(key, width: width)
            seen[place] = poll
            return place
        }
    }

    /// Whether the poll under way has a row.
    func isSeen(_ place: Int) -> Bool {
        seen[place] == poll
    }

    /// Ends a complete poll: forgets the rows that it did not have.
    mutating func settle(_ rows: Poll, _ found: [Int]) {
        for (row, place) in found.enumerated() {
            isKnown[place] = true
            sinces[place] = rows.sinces[row]
        }
        guard found.count < places.count else { return }
        for (key, place) in places where !isSeen(place) {
            places[key] = nil
            isKnown[place] = false
            free.append(place)
        }
    }

    private mutating func add(_ key: Fingerprint, width: Int) -> Int {
        guard let place = free.popLast() else {
            let place = keys.count
            keys.append(key)
            sinces.append(0)
            seen.append(0)
            isKnown.append(false)
            values.append(contentsOf: repeatElement(.nan, count: width))
            places[key] = place
            return place
        }
        keys[place] = key
        for column in place * width..<(place + 1) * width { values[column] = .nan }
        places[key] = place
        return place
    }
}
