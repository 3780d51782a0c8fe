import CZlib
import NIOCore
import Testing

@testable import SondeDaemon

@Suite("gzip")
struct GzipTests {
    /// Decompresses a body of any number of members, by zlib; nil where it is not valid.
    static func decompress(_ body: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            var stream = unsafe z_stream()
            // 15 bits of window, and 16 for gzip's own format.
            guard unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                return nil
            }
            defer { unsafe inflateEnd(&stream) }
            var member = Array(rest)
            var piece = [UInt8](repeating: 0, count: 65_536)
            let used: Int? = unsafe member.withUnsafeMutableBufferPointer { input in
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
                    if code == Z_STREAM_END { return unsafe Int(stream.total_in) }
                }
            }
            guard let used else { return nil }
            rest = rest.dropFirst(used)
        }
        return result
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

    @Test("a member holds what was put in", arguments: pieces.indices, [1, 6, 9] as [Int32])
    func member(_ piece: Int, _ level: Int32) throws {
        let bytes = Self.pieces[piece]
        let member = try #require(Gzip.member(ByteBuffer(bytes: bytes), level: level))
        let isSame = Self.decompress(Array(buffer: member)) == bytes
        #expect(isSame)
    }

    @Test("members one after the other are one body")
    func members() throws {
        let members = try Self.pieces.map { try #require(Gzip.member(ByteBuffer(bytes: $0))) }
        let isSame = Self.decompress(members.flatMap { Array(buffer: $0) }) == Self.pieces.flatMap { $0 }
        #expect(isSame)
    }

    @Test("text becomes small, and the part of a buffer that is not to be read stays out")
    func size() throws {
        var buffer = ByteBuffer(bytes: Self.pieces[3])
        buffer.moveReaderIndex(forwardBy: 1_000)
        let member = try #require(Gzip.member(buffer))
        #expect(member.readableBytes * 4 < buffer.readableBytes)
        #expect(Self.decompress(Array(buffer: member)) == Array(Self.pieces[3].dropFirst(1_000)))
    }

    @Test("a level that zlib does not know gives nothing")
    func failure() {
        #expect(Gzip.member(ByteBuffer(string: "a"), level: 77) == nil)
    }
}
