import CZlib
import NIOCore
import Testing

@testable import SondeDaemon

@Suite("gzip")
struct GzipTests {
    /// Decompresses a body of exactly one member, by zlib, which checks its sums; nil where it is not valid.
    static func decompress(_ body: [ByteBuffer]) -> [UInt8]? {
        var stream = unsafe z_stream()
        // 15 bits of window, and 16 for gzip's own format.
        let code = unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        var input = body.flatMap { Array(buffer: $0) }
        var piece = [UInt8](repeating: 0, count: 65_536)
        var result: [UInt8] = []
        return unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            while true {
                let code = unsafe piece.withUnsafeMutableBufferPointer { output in
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                guard code == Z_OK || code == Z_STREAM_END else { return nil }
                result += unsafe piece.prefix(piece.count - Int(stream.avail_out))
                if code == Z_STREAM_END { return unsafe stream.avail_in == 0 ? result : nil }
            }
        }
    }

    static let pieces: [[UInt8]] = [
        [], [0], Array("pg_up 1\n".utf8),
        (0..<3_000).flatMap { Array("pg_x_total{datname=\"d\($0)\"} \($0 * 7)\n".utf8) },
        // Noise, which grows by compression.
        { () -> [UInt8] in
            var random = SystemRandomNumberGenerator()
            return (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        }(),
        [UInt8](repeating: 65, count: 1 << 20),
    ]

    @Test("a body of one piece holds what was put in", arguments: pieces.indices, [1, 6, 9] as [Int32])
    func piece(_ index: Int, _ level: Int32) throws {
        let piece = try #require(Gzip.piece(ByteBuffer(bytes: Self.pieces[index]), level: level))
        let isSame = Self.decompress(Gzip.body([piece])) == Self.pieces[index]
        #expect(isSame)
    }

    @Test("a body of many pieces is one member, in any order and any number of times")
    func body() throws {
        let pieces = try Self.pieces.map { try #require(Gzip.piece(ByteBuffer(bytes: $0))) }
        for order in [Array(pieces.indices), pieces.indices.reversed(), [2, 2, 0, 5, 3, 0, 3], []] {
            let isSame = Self.decompress(Gzip.body(order.map { pieces[$0] })) == order.flatMap { Self.pieces[$0] }
            #expect(isSame, "\(order)")
        }
    }

    @Test("text becomes small, and the part of a buffer that is not to be read stays out")
    func size() throws {
        var buffer = ByteBuffer(bytes: Self.pieces[3])
        buffer.moveReaderIndex(forwardBy: 1_000)
        let piece = try #require(Gzip.piece(buffer))
        #expect(piece.blocks.readableBytes * 4 < buffer.readableBytes)
        #expect(Self.decompress(Gzip.body([piece])) == Array(Self.pieces[3].dropFirst(1_000)))
    }

    @Test("a level that zlib does not know gives nothing")
    func failure() {
        #expect(Gzip.piece(ByteBuffer(string: "a"), level: 77) == nil)
    }
}
