import NIOCore
import Synchronization

/// A piece of the page, written to clients as it is or compressed; it is compressed at most once.
final class Segment: Sendable {
    /// The size that big blocks are cut into.
    static let largest = 1 << 20

    let bytes: ByteBuffer
    private let compressed = Mutex<Gzip.Piece?>(nil)

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// The piece as a part of a gzip body.
    ///
    /// - Returns: nil where zlib has no memory.
    func gzip() -> Gzip.Piece? {
        compressed.withLock { cached in
            if let cached { return cached }
            cached = Gzip.piece(bytes)
            return cached
        }
    }

    /// Cuts bytes into segments, without a copy.
    static func cut(_ bytes: ByteBuffer) -> [Segment] {
        var rest = bytes
        var segments: [Segment] = []
        while let slice = rest.readSlice(length: min(rest.readableBytes, largest)), slice.readableBytes > 0 {
            segments.append(Segment(slice))
        }
        return segments
    }
}
