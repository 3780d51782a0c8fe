import CZlib
import NIOCore

/// Compression for scrapes: pieces are compressed once, by themselves, and put together to a gzip body for each scrape.
///
/// The body is one gzip member. A member per piece would be valid, too (RFC 1952, 2.2), and Prometheus reads that; but
/// `curl --compressed` shows the first one only, without a word.
enum Gzip {
    /// Bytes compressed without regard to what stands before or after them.
    struct Piece: Sendable, Hashable {
        /// Deflate blocks that end on a byte, none of which is the last of a body.
        let blocks: ByteBuffer
        /// The CRC-32 of the bytes before compression.
        let checksum: UInt32
        /// The number of bytes before compression.
        let length: Int
    }

    /// The magic number, deflate, no flags, no time, fastest compression, Unix.
    private static let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3]
    /// An empty block that is the last.
    private static let lastBlock: [UInt8] = [3, 0]

    /// Compresses a piece of a body.
    ///
    /// It takes 9 times what encoding the text took, so do it once per piece.
    ///
    /// - Parameters:
    ///   - bytes: what is to be compressed, less than 4 GB.
    ///   - level: zlib's level, from 1, the fastest, to 9.
    /// - Returns: nil if zlib refused, for want of memory: then send the bytes as they are.
    static func piece(_ bytes: ByteBuffer, level: Int32 = 1) -> Piece? {
        unsafe bytes.withUnsafeReadableBytes { unsafe piece($0, level: level) }
    }

    /// Puts pieces together to one body, without a copy of them.
    static func body(_ pieces: [Piece]) -> [ByteBuffer] {
        var checksum: uLong = 0
        var length = 0
        for piece in pieces {
            checksum = crc32_combine(checksum, uLong(piece.checksum), piece.length)
            length += piece.length
        }
        var tail = ByteBuffer(bytes: lastBlock)
        tail.writeInteger(UInt32(truncatingIfNeeded: checksum), endianness: .little)
        tail.writeInteger(UInt32(truncatingIfNeeded: length), endianness: .little)
        return [ByteBuffer(bytes: head)] + pieces.map(\.blocks) + [tail]
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer, level: Int32) -> Piece? {
        guard let size = UInt32(exactly: bytes.count) else { return nil }
        guard size > 0 else { return Piece(blocks: ByteBuffer(), checksum: 0, length: 0) }
        var stream = unsafe z_stream()
        // Bare deflate, with the largest window; head and checksum are the body's.
        let code = unsafe deflateInit2_(
            &stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        // Room for the worst case and the flush, so that one call does it all; what compresses well leaves most of it untouched.
        let room = unsafe deflateBound(&stream, uLong(size)) + 16
        guard let room = UInt32(exactly: room) else { return nil }
        return unsafe withUnsafeTemporaryAllocation(byteCount: Int(room), alignment: 1) { scratch in
            let input = unsafe bytes.bindMemory(to: UInt8.self)
            // zlib reads only, but says so only under ZLIB_CONST.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = size
            unsafe stream.next_out = scratch.bindMemory(to: UInt8.self).baseAddress
            unsafe stream.avail_out = room
            guard unsafe deflate(&stream, Z_SYNC_FLUSH) == Z_OK, unsafe stream.avail_out > 0 else { return nil }
            return unsafe Piece(
                blocks: ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: scratch.prefix(Int(stream.total_out)))),
                checksum: UInt32(truncatingIfNeeded: crc32(0, input.baseAddress, size)), length: bytes.count)
        }
    }
}
