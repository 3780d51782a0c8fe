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
        let ends = await ends.make(of: server, by: status)
        let segments = [ends.head] + store.page(at: .now, of: server) + [ends.tail]
        guard gzip else { return Body(pieces: segments.map(\.bytes), isCompressed: false) }
        // Compressing is work for a thread of its own: the shared pool stays free for the polls.
        let compressed = try? await NIOThreadPool.singleton.runIfActive { segments.compactMap { $0.gzip() } }
        guard let compressed, compressed.count == segments.count else {
            return Body(pieces: segments.map(\.bytes), isCompressed: false)
        }
        return Body(pieces: Gzip.body(compressed), isCompressed: true)
    }
}

/// What stands at both ends of a page; made once for all who had asked by the time that it was begun, and kept for nobody else.
private final class Ends: Sendable {
    struct Pair: Sendable {
        let head: Segment
        let tail: Segment
    }

    private struct State {
        var isMaking = false
        /// Who waits, by the server that is asked for; nil for all.
        var waiting: [Int?: [CheckedContinuation<Pair, Never>]] = [:]
    }

    private let state = Mutex(State())

    func make(of server: Int?, by status: Status) async -> Pair {
        await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting[server, default: []].append(continuation)
                defer { state.isMaking = true }
                return !state.isMaking
            }
            // In a task of its own, since there may be others to serve for as long as they come.
            if isFirst { Task { serve(by: status) } }
        }
    }

    private func serve(by status: Status) {
        while let waiting = next() {
            for (server, all) in waiting {
                let (head, tail) = status.text(at: .now, of: server)
                let pair = Pair(head: Segment(head), tail: Segment(tail))
                for one in all { one.resume(returning: pair) }
            }
        }
    }

    private func next() -> [Int?: [CheckedContinuation<Pair, Never>]]? {
        state.withLock { state in
            let waiting = state.waiting
            state.waiting = [:]
            state.isMaking = !waiting.isEmpty
            return waiting.isEmpty ? nil : waiting
        }
    }
}
