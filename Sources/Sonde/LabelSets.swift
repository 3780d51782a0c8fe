/// The label sets of one run, rendered once each, in one arena; finds duplicates.
struct LabelSets: ~Copyable {
    /// A rendered label set within the arena.
    struct Place {
        let start: Int
        let count: Int
    }

    var arena = Bump(capacity: 4_096)
    private var opened = 0
    private var places: [Place] = []
    private var seeds: [Int32] = []
    private var hashes: [UInt64] = []
    /// Open addressing: 0 is free, else the index of a place, plus one.
    private var slots: [Int32] = []

    mutating func clear() {
        arena.clear(keeping: 1 << 20)
        places.removeAll(keepingCapacity: places.count < 1 << 16)
        seeds.removeAll(keepingCapacity: seeds.count < 1 << 16)
        hashes.removeAll(keepingCapacity: hashes.count < 1 << 16)
        slots.removeAll(keepingCapacity: false)
    }

    /// Begins a label set: what is appended to the arena until ``end(seed:)`` belongs to it.
    mutating func begin() {
        opened = arena.count
    }

    /// Ends a label set, and keeps it unless the same bytes, of the same seed, are there already.
    ///
    /// - Parameter seed: what keeps equal label sets of different families apart.
    /// - Returns: nil for a duplicate.
    mutating func end(seed: Int = 0) -> Place? {
        let place = Place(start: opened, count: arena.count - opened)
        if (places.count + 1) * 2 > slots.count { rehash() }
        let hash = hash(place, seed: seed)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let other = Int(slots[slot]) - 1
            if hashes[other] == hash, isEqual(places[other], place), seeds[other] == seed {
                arena.cut(to: opened)
                return nil
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        places.append(place)
        seeds.append(Int32(truncatingIfNeeded: seed))
        hashes.append(hash)
        slots[slot] = Int32(truncatingIfNeeded: places.count)
        return place
    }

    private mutating func rehash() {
        slots = Array(repeating: 0, count: max(slots.count * 2, 256))
        for index in places.indices {
            var slot = Int(truncatingIfNeeded: hashes[index]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: index + 1)
        }
    }

    private func isEqual(_ left: Place, _ right: Place) -> Bool {
        guard left.count == right.count else { return false }
        let base = unsafe arena.base
        return unsafe UnsafeBufferPointer(start: base + left.start, count: left.count)
            .elementsEqual(UnsafeBufferPointer(start: base + right.start, count: right.count))
    }

    /// FNV-1a over eight bytes at a time; equality is checked byte by byte, so a collision costs time only.
    private func hash(_ place: Place, seed: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: seed)
        let base = unsafe UnsafeRawPointer(arena.base + place.start)
        var at = 0
        while at + 8 <= place.count {
            hash = unsafe (hash ^ base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            at += 8
        }
        while at < place.count {
            hash = unsafe (hash ^ UInt64(base.load(fromByteOffset: at, as: UInt8.self))) &* 0x0000_0100_0000_01b3
            at += 1
        }
        return hash ^ hash >> 32
    }
}
