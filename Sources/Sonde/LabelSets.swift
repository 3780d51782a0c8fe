import Glibc

/// The label sets of one run, each rendered once in one arena, from the brace to the space before the value; finds duplicates.
struct LabelSets: ~Copyable {
    /// A rendered label set within the arena: `{a="b"} `, or a space where there is no label.
    struct Place {
        let start: Int
        let count: Int

        /// The place of a row that has none; a set is never empty.
        static let none = Place(start: 0, count: 0)

        /// How many bytes there are before the closing brace.
        var open: Int { count > 1 ? count - 2 : 0 }
    }

    /// What is kept of a set to find it again.
    private struct Entry {
        let hash: UInt64
        let place: Place
        let family: Int
    }

    private(set) var arena = Bump(capacity: 1_024)
    private var opened = 0
    private var entries: [Entry] = []
    /// Open addressing: 0 is free, else the index of an entry, plus one; the size is a power of two.
    private var slots: [Int] = []

    /// Differs in each process, so that nobody can name things in a way that makes all hashes equal.
    private static let seed = UInt64.random(in: .min ... .max)

    /// Forgets the sets and keeps memory for a small run.
    mutating func clear(keeping limit: Int) {
        arena.clear(keeping: limit)
        entries.removeAll(keepingCapacity: entries.capacity * MemoryLayout<Entry>.stride <= limit)
        slots.removeAll(keepingCapacity: slots.capacity * MemoryLayout<Int>.stride <= limit)
    }

    /// Makes room for so many more sets.
    mutating func reserve(_ more: Int) {
        let total = entries.count + more
        if total > entries.capacity { entries.reserveCapacity(max(total, entries.capacity * 2)) }
        if total * 2 > slots.count { rehash(for: total) }
    }

    /// Begins a label set: what is added until ``end(of:)`` belongs to it.
    ///
    /// - Parameter fixed: the labels that it begins with, rendered, without braces.
    mutating func begin(_ fixed: [UInt8]) {
        opened = arena.count
        arena.append(UInt8(ascii: "{"))
        arena.append(fixed)
    }

    /// Adds a label; the name is in bytes and has `="` after it.
    @inline(__always)
    @unsafe mutating func add(_ name: [UInt8], _ value: UnsafeBufferPointer<UInt8>) {
        if arena.count > opened + 1 { arena.append(UInt8(ascii: ",")) }
        unsafe Label.write(name, value, to: &arena)
    }

    /// Adds a label.
    mutating func add(_ name: String, _ value: String) {
        if arena.count > opened + 1 { arena.append(UInt8(ascii: ",")) }
        Label.write(name, value, to: &arena)
    }

    /// Takes back what was added since ``begin(_:)``.
    mutating func abandon() {
        arena.cut(to: opened)
    }

    /// Ends a label set, and keeps it unless the same bytes, of the same family, are there already.
    ///
    /// - Parameter family: keeps equal label sets of different families apart; 0 for sets that all families share.
    /// - Returns: nil for a duplicate.
    mutating func end(of family: Int = 0) -> Place? {
        let place = close()
        reserve(1)
        let hash = hash(place, family)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let other = entries[slots[slot] - 1]
            if other.hash == hash, other.family == family, isEqual(other.place, place) {
                abandon()
                return nil
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        entries.append(Entry(hash: hash, place: place, family: family))
        slots[slot] = entries.count
        return place
    }

    /// Ends a label set, and neither looks whether it is there already nor keeps others from being the same.
    mutating func close() -> Place {
        arena.need(2)
        if arena.count == opened + 1 {
            arena.cut(to: opened)
        } else {
            unsafe arena.put(UInt8(ascii: "}"))
        }
        unsafe arena.put(UInt8(ascii: " "))
        return Place(start: opened, count: arena.count - opened)
    }

    /// What stands for a set from run to run.
    func fingerprint(of place: Place) -> Fingerprint {
        unsafe Fingerprint(UnsafeBufferPointer(start: arena.base + place.start, count: place.count))
    }

    private mutating func rehash(for total: Int) {
        var size = 64
        while size < total * 2 { size *= 2 }
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(0, count: size))
        for (index, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = index + 1
        }
    }

    private func isEqual(_ left: Place, _ right: Place) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe memcmp(arena.base + left.start, arena.base + right.start, left.count) == 0
    }

    /// Mixes eight bytes at a time by a multiplication whose halves are folded; equality is checked byte by byte, so a collision
    /// costs time only.
    private func hash(_ place: Place, _ family: Int) -> UInt64 {
        var hash = Self.seed ^ UInt64(truncatingIfNeeded: family)
        let base = unsafe UnsafeRawPointer(arena.base + place.start)
        var at = 0
        while at + 8 <= place.count {
            hash = unsafe Self.mix(hash ^ base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < place.count {
            rest = unsafe rest << 8 | UInt64(base.load(fromByteOffset: at, as: UInt8.self))
            at += 1
        }
        return Self.mix(Self.mix(hash ^ rest) ^ UInt64(truncatingIfNeeded: place.count))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return high ^ low
    }
}
