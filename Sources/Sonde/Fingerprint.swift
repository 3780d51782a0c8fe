/// Stands for the bytes of a label set from poll to poll, without keeping them.
///
/// Of 128 bits, seeded anew in each process: nobody can make two sets alike, and by chance it does not happen.
struct Fingerprint: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    private static let seeds = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    @unsafe init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe high = Self.hash(bytes, Self.seeds.0)
        unsafe low = Self.hash(bytes, Self.seeds.1)
    }

    /// Stands for some bytes where it does not matter who chose them.
    @unsafe static func short(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        unsafe hash(bytes, seeds.0)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }

    @unsafe private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ seed: UInt64) -> UInt64 {
        var hash = seed
        guard let start = bytes.baseAddress else { return mix(hash) }
        let base = unsafe UnsafeRawPointer(start)
        var at = 0
        while at &+ 8 <= bytes.count {
            hash = unsafe mix(hash ^ base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at &+= 8
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = unsafe rest << 8 | UInt64(base.load(fromByteOffset: at, as: UInt8.self))
            at &+= 1
        }
        return mix(mix(hash ^ rest) ^ UInt64(truncatingIfNeeded: bytes.count) ^ seed)
    }

    /// Multiplies and folds the halves.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return high ^ low
    }
}
