import CZlib
import NIOCore

/// Compression for scrapes: pieces that are compressed by themselves and stand one after the other in a body.
enum Gzip {
    /// Compresses bytes to one gzip member; members one after the other are a valid body, too (RFC 1952, 2.2).
    ///
    /// It takes 9 times what encoding the text took, so do it once per segment and generation.
    ///
    /// - Parameters:
    ///   - bytes: what is to be compressed, less than 4 GB.
    ///   - level: zlib's level, from 1, the fastest, to 9.
    /// - Returns: the member; nil if zlib refused, for want of memory: then send the bytes as they are.
    static func member(_ bytes: ByteBuffer, level: Int32 = 1) -> ByteBuffer? {
        unsafe bytes.withUnsafeReadableBytes { unsafe member($0, level: level) }
    }

    private static func member(_ bytes: UnsafeRawBufferPointer, level: Int32) -> ByteBuffer? {
        guard let size = UInt32(exactly: bytes.count) else { return nil }
        var stream = unsafe z_stream()
        guard unsafe czlib_gzip_begin(&stream, level) == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        // Room for the worst case, so that one call does it all; what compresses well leaves most of it untouched.
        let room = unsafe deflateBound(&stream, uLong(size))
        guard UInt32(exactly: room) != nil else { return nil }
        return unsafe withUnsafeTemporaryAllocation(byteCount: Int(room), alignment: 1) { scratch in
            // zlib reads only, but says so only under ZLIB_CONST.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            unsafe stream.avail_in = size
            unsafe stream.next_out = scratch.bindMemory(to: UInt8.self).baseAddress
            unsafe stream.avail_out = UInt32(room)
            guard unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
            return unsafe ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: scratch.prefix(Int(stream.total_out))))
        }
    }
}
