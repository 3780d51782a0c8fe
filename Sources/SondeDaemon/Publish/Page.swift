import NIOCore
import NIOPosix
import Sonde
import Synchronization

/// Makes the page of a scrape: what changes with every look, then what the store holds, then what pgsonde says about itself.
struct Page: Sendable {
    let store: Store
    let status: Status
    private let ends = Ends()

    init(store: Store, status: Status) {
        self.store = store
        self.status = status
    }

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
        let (head, tail) = ends.made(at: now, of: server, by: status)
        return [head] + store.page(at: now, of: server) + [tail]
    }
}

/// What stands at both ends of the pages of a moment, so that however many scrape at once it is made, and held, once.
private final class Ends: Sendable {
    private struct Pair {
        let made: ContinuousClock.Instant
        let head: Segment
        let tail: Segment
    }

    /// Nothing that is said there changes more often.
    private static let moment = Duration.milliseconds(100)

    private let last = Mutex<[Int?: Pair]>([:])

    func made(at now: ContinuousClock.Instant, of server: Int?, by status: Status) -> (head: Segment, tail: Segment) {
        // Whoever comes meanwhile waits for it: making it as well would take longer.
        last.withLock { last in
            if let pair = last[server], (.zero..<Self.moment).contains(now - pair.made) {
                return (pair.head, pair.tail)
            }
            let (head, tail) = status.text(at: now, of: server)
            let pair = Pair(made: now, head: Segment(head), tail: Segment(tail))
            last[server] = pair
            return (pair.head, pair.tail)
        }
    }
}
