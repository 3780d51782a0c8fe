import NIOCore
import Sonde
import Synchronization

/// The finished blocks of all servers: what a scrape joins.
///
/// Reading never consumes, and never waits for a database.
final class Store: Sendable {
    /// Where a block came from; also its place within its family.
    struct Source: Hashable, Comparable, Sendable {
        let server: Int
        let collector: Int
        /// The database, for a collector that runs per database; else empty.
        let database: String

        static func < (left: Source, right: Source) -> Bool {
            (left.server, left.collector, left.database) < (right.server, right.collector, right.database)
        }
    }

    /// The text of one family from one source, in memory of its exact size.
    private struct Block {
        let source: Source
        let expires: ContinuousClock.Instant
        let bytes: ByteBuffer
        /// The block in pieces of its own where it is big, so that it is compressed once and not once per page.
        let segments: [Segment]
    }

    private struct State {
        var families: [[Block]]
        /// The pages as they are until something is published: that of all servers under nil, and those of single ones.
        var pages: [Int?: [Segment]] = [:]
        /// When the pages change by themselves, because a block expires.
        var until: ContinuousClock.Instant?
    }

    /// Blocks of at least this size are segments of their own; smaller ones share one.
    private static let big = 1 << 16

    /// The label to take out of the page of a single server, where samples carry one.
    private let serverLabels: [ServerLabel]?
    private let headers: [ByteBuffer]
    private let firstFamily: [Int]
    private let state: Mutex<State>
    /// Where everything that is published goes, too.
    private let output: FFWDOutput?

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - registry: the collectors that will publish.
    ///   - serverNames: the names in the samples' `server` label, by server; nil where samples have none.
    ///   - output: where everything that is published goes, too.
    init(_ registry: Registry, serverNames: [String]? = nil, output: FFWDOutput? = nil) {
        serverLabels = serverNames?.map(ServerLabel.init)
        self.output = output
        var headers: [ByteBuffer] = []
        var firstFamily: [Int] = []
        for entry in registry.entries {
            firstFamily.append(headers.count)
            headers += entry.collector.metrics.map { ByteBuffer(bytes: $0.header) }
        }
        self.headers = headers
        self.firstFamily = firstFamily
        state = Mutex(State(families: Array(repeating: [], count: headers.count)))
    }

    /// Puts the blocks of a source in the place of its earlier ones, all at once.
    ///
    /// - Parameters:
    ///   - texts: a text per metric of the collector, empty where there are no samples.
    ///   - source: where they came from.
    ///   - expires: when they leave the page.
    func publish(_ texts: [ByteBuffer], from source: Source, expires: ContinuousClock.Instant) {
        let blocks = texts.map { text in
            Block(
                source: source, expires: expires, bytes: text,
                segments: text.readableBytes >= Self.big ? Segment.cut(text) : [])
        }
        state.withLock { state in
            for (metric, block) in blocks.enumerated() {
                let family = firstFamily[source.collector] + metric
                state.families[family].removeAll { $0.source == source }
                guard block.bytes.readableBytes > 0 else { continue }
                let place = state.families[family].firstIndex { source < $0.source } ?? state.families[family].endIndex
                state.families[family].insert(block, at: place)
            }
            state.pages = [:]
        }
        output?.take(texts, from: source)
    }

    /// Takes what a collector showed of databases that are no longer there off the page.
    func keep(only databases: Set<String>, of collector: Int, server: Int, metrics: Int) {
        state.withLock { state in
            for family in firstFamily[collector]..<(firstFamily[collector] + metrics) {
                let before = state.families[family].count
                state.families[family].removeAll {
                    $0.source.server == server && !databases.contains($0.source.database)
                }
                if state.families[family].count != before { state.pages = [:] }
            }
        }
    }

    /// The page as it is now, without what has expired.
    ///
    /// - Parameters:
    ///   - now: when.
    ///   - server: the only server to show, without the label that says so; nil for all.
    /// - Returns: the page's pieces.
    func page(at now: ContinuousClock.Instant, of server: Int? = nil) -> [Segment] {
        state.withLock { state in
            if let until = state.until, until <= now { state.pages = [:] }
            if let page = state.pages[server] { return page }
            for family in state.families.indices { state.families[family].removeAll { $0.expires <= now } }
            state.until = state.families.lazy.joined().map(\.expires).min()
            let page = join(server.map { server in state.families.map { alone(server, in: $0) } } ?? state.families)
            state.pages[server] = page
            return page
        }
    }

    /// One server's blocks of a family, without the server's label.
    private func alone(_ server: Int, in blocks: [Block]) -> [Block] {
        let own = blocks.filter { $0.source.server == server }
        guard let label = serverLabels?[server] else { return own }
        return own.map { block in
            let bytes = label.removed(from: block.bytes)
            return Block(
                source: block.source, expires: block.expires, bytes: bytes,
                segments: bytes.readableBytes >= Self.big ? Segment.cut(bytes) : [])
        }
    }

    private func join(_ families: [[Block]]) -> [Segment] {
        var segments: [Segment] = []
        var small = ByteBuffer()
        let flush = { (small: inout ByteBuffer) in
            guard small.readableBytes > 0 else { return }
            segments.append(Segment(small))
            small = ByteBuffer()
        }
        for (family, blocks) in families.enumerated() where !blocks.isEmpty {
            small.writeImmutableBuffer(headers[family])
            for block in blocks {
                if block.segments.isEmpty {
                    small.writeImmutableBuffer(block.bytes)
                    if small.readableBytes >= Self.big * 4 { flush(&small) }
                } else {
                    flush(&small)
                    segments += block.segments
                }
            }
        }
        flush(&small)
        return segments
    }
}
