import Glibc

/// Bytes that are only ever appended to, in memory that is kept for the next time.
///
/// `put` does not look whether there is room: each call is covered by a ``need(_:)`` before it, which a debug build asserts. The
/// hot path asks once per line. `append` looks by itself.
@safe struct Bump: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        unsafe base = Self.resized(nil, to: self.capacity)
    }

    deinit {
        unsafe free(base)
    }

    /// Makes room for so many bytes; the unchecked writers below rely on it.
    @inline(__always)
    mutating func need(_ more: Int) {
        // The count never passes the capacity, so this cannot overflow.
        if more > capacity &- count { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        unsafe base = Self.resized(base, to: capacity)
    }

    /// Forgets the bytes and keeps the memory, unless it is larger than `limit`.
    mutating func clear(keeping limit: Int) {
        count = 0
        guard capacity > max(limit, 64) else { return }
        unsafe free(base)
        capacity = max(limit, 64)
        unsafe base = Self.resized(nil, to: capacity)
    }

    /// Takes bytes back, down to an earlier count.
    @inline(__always)
    mutating func cut(to earlier: Int) {
        assert(earlier >= 0 && earlier <= count)
        count = earlier
    }

    @inline(__always)
    @unsafe mutating func put(_ source: UnsafePointer<UInt8>, _ length: Int) {
        assert(length >= 0 && length <= capacity - count)
        unsafe memcpy(base + count, source, length)
        count &+= length
    }

    @inline(__always)
    @unsafe mutating func put(_ byte: UInt8) {
        assert(count < capacity)
        unsafe base[count] = byte
        count &+= 1
    }

    /// Writes a number in decimal, which takes 20 bytes at the most.
    @unsafe mutating func putDigits(_ number: UInt64) {
        var length = 1
        var rest = number
        while rest > 9 {
            rest /= 10
            length &+= 1
        }
        assert(length <= capacity - count)
        rest = number
        for place in stride(from: count &+ length &- 1, through: count, by: -1) {
            unsafe base[place] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
            rest /= 10
        }
        count &+= length
    }

    mutating func append(_ byte: UInt8) {
        need(1)
        unsafe put(byte)
    }

    mutating func append(_ bytes: [UInt8]) {
        need(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe put(start, source.count) }
        }
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { source in
            need(source.count)
            if let start = source.baseAddress { unsafe put(start, source.count) }
        }
    }

    /// The bytes so far.
    var bytes: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: base, count: count))
    }

    var string: String {
        unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// Memory by `realloc`, which moves large blocks by remapping their pages instead of copying.
    @unsafe private static func resized(
        _ old: UnsafeMutablePointer<UInt8>?, to size: Int
    ) -> UnsafeMutablePointer<UInt8> {
        // Without memory there is nothing left to do, as with every allocation in Swift.
        guard let memory = unsafe realloc(old, size) else { abort() }
        return unsafe memory.assumingMemoryBound(to: UInt8.self)
    }
}
