/// Bytes that are only ever appended to, in memory that is kept for the next time.
///
/// The hot path writes a line after one check of the capacity: see ``need(_:)``.
@safe struct Bump: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Makes room for so many bytes; the unchecked writers below rely on it.
    @inline(__always)
    mutating func need(_ more: Int) {
        if count &+ more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe larger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
    }

    /// Forgets the bytes and keeps the memory, unless it is larger than `limit`.
    mutating func clear(keeping limit: Int = .max) {
        count = 0
        guard capacity > limit else { return }
        unsafe base.deallocate()
        capacity = limit
        unsafe base = .allocate(capacity: capacity)
    }

    /// Takes bytes back, down to an earlier count.
    mutating func cut(to earlier: Int) {
        count = min(count, earlier)
    }

    @inline(__always)
    @unsafe mutating func put(_ source: UnsafePointer<UInt8>, _ length: Int) {
        unsafe (base + count).update(from: source, count: length)
        count &+= length
    }

    @inline(__always)
    @unsafe mutating func put(_ byte: UInt8) {
        unsafe base[count] = byte
        count &+= 1
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

    mutating func append(_ number: Int64) {
        append(String(number))
    }

    var string: String {
        unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }
}
