import NIOCore
import NIOPosix
import Sonde

/// Makes the page of a scrape: what changes with every look, then what the store holds, then what pgsonde says about itself.
struct Page: Sendable {
    let store: Store
    let status: Status

    /// A finished page.
    struct Body: Sendable {
        let pieces: [ByteBuffer]
        /// Whether the pieces together are a gzip body.
        let isCompressed: Bool

        var length: Int { pieces.reduce(0) { $0 + $1.readableBytes } }
    }

    /// Makes a page.
    ///
    /// - Parameters:
    ///   - gzip: whether the client takes gzip.
    ///   - server: the only server to show; nil for all.
    /// - Returns: the page as it is now.
    func body(gzip: Bool, of server: Int? = nil) async -> Body {
        let segments = all(at: .now, of: server)
        guard gzip else { return Body(pieces: segments.map(\.bytes), isCompressed: false) }
        // Compressing is work for a thread of its own: the shared pool stays free for the polls.
        let compressed = try? await NIOThreadPool.singleton.runIfActive { segments.compactMap { $0.gzip() } }
        guard let compressed, compressed.count == segments.count else {
            return Body(pieces: segments.map(\.bytes), isCompressed: false)
        }
        return Body(pieces: Gzip.body(compressed), isCompressed: true)
    }

    private func all(at now: ContinuousClock.Instant, of server: Int?) -> [Segment] {
        let (head, tail) = status.text(at: now, of: server)
        return [Segment(head)] + store.page(at: now, of: server) + [Segment(tail)]
    }
}
