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

        /// In the place of a server: what was read from none.
        static let local = -1

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

    /// A family that was not known beforehand.
    private struct Late {
        let header: ByteBuffer
        var blocks: [Block]

        var empty: Late { Late(header: header, blocks: []) }
    }

    /// The store that took this one's place under another configuration, and what of this one's is where in it.
    private struct Successor {
        let store: Store
        let moves: [Int: Move]

        /// A source as the other store knows it; nil where it has it no more.
        func source(_ source: Source) -> Source? {
            moves[source.server].flatMap { move in
                move.collectors[source.collector].map {
                    Source(server: move.server, collector: $0, database: source.database)
                }
            }
        }
    }

    /// Where a server is under another configuration, and its collectors that are the same.
    struct Move: Sendable {
        let server: Int
        let collectors: [Int: Int]
    }

    private struct State {
        var families: [[Block]]
        /// By collector and name.
        var late: [[String: Late]]
        /// The pages as they are until something is published: that of all servers under nil, and those of single ones.
        var pages: [Int?: [Segment]] = [:]
        /// When the pages change by themselves, because a block expires.
        var until: ContinuousClock.Instant?
        var successor: Successor?
    }

    /// Blocks of at least this size are segments of their own; smaller ones share one.
    private static let big = 1 << 16

    /// The label to take out of the page of a single server, where samples carry one.
    private let serverLabels: [ServerLabel]?
    private let alwaysLabelled: Set<Int>
    private let headers: [ByteBuffer]
    private let firstFamily: [Int]
    /// The places of the families that were known beforehand.
    private let places: [String: Int]
    /// The names that late families cannot have.
    private let names: Set<String>
    private let state: Mutex<State>
    /// Where everything that is published goes, too.
    private let output: FFWDOutput?

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - registry: the collectors that will publish.
    ///   - serverNames: the names in the samples' `server` label, by server; nil where samples have none.
    ///   - alwaysLabelled: the collectors whose samples keep that label on the page of a single server.
    ///   - output: where everything that is published goes, too.
    init(
        _ registry: Registry, serverNames: [String]? = nil, alwaysLabelled: Set<Int> = [], output: FFWDOutput? = nil
    ) {
        self.alwaysLabelled = alwaysLabelled
        serverLabels = serverNames?.map(ServerLabel.init)
        self.output = output
        var headers: [ByteBuffer] = []
        var firstFamily: [Int] = []
        var places: [String: Int] = [:]
        for entry in registry.entries {
            firstFamily.append(headers.count)
            for (index, metric) in entry.collector.metrics.enumerated() { places[metric.name] = headers.count + index }
            headers += entry.collector.metrics.map { ByteBuffer(bytes: $0.header) }
        }
        self.headers = headers
        self.firstFamily = firstFamily
        self.places = places
        names = Set(registry.entries.flatMap(\.collector.metrics).flatMap(\.names))
        state = Mutex(
            State(
                families: Array(repeating: [], count: headers.count),
                late: Array(repeating: [:], count: registry.entries.count)))
    }

    /// Takes over what another store holds, which then hands on what is still published there.
    ///
    /// - Parameters:
    ///   - other: the one under the configuration before.
    ///   - moves: the servers that are the same, by their places there.
    func succeed(_ other: Store, moves: [Int: Move]) {
        let successor = Successor(store: self, moves: moves)
        let moved = { (block: Block) in
            successor.source(block.source).map {
                Block(source: $0, expires: block.expires, bytes: block.bytes, segments: block.segments)
            }
        }
        other.state.withLock { old in
            state.withLock { state in
                for collector in old.late.indices {
                    for family in other.families(of: collector) {
                        for block in old.families[family].compactMap(moved) {
                            let place = firstFamily[block.source.collector] + family - other.firstFamily[collector]
                            Self.put(block, into: &state.families[place])
                        }
                    }
                    for (name, late) in old.late[collector] where !names.contains(name) {
                        for block in late.blocks.compactMap(moved) {
                            Self.put(block, into: &state.late[block.source.collector][name, default: late.empty].blocks)
                        }
                    }
                }
            }
            old.successor = successor
        }
    }

    private func families(of collector: Int) -> Range<Int> {
        let next = collector + 1 < firstFamily.count ? firstFamily[collector + 1] : headers.count
        return firstFamily[collector]..<next
    }

    /// Puts the blocks of a source in the place of its earlier ones, all at once.
    ///
    /// - Parameters:
    ///   - texts: a text per metric of the collector, empty where there are no samples.
    ///   - late: families that were not known beforehand; one with the name of another collector's is left out.
    ///   - source: where they came from.
    ///   - expires: when they leave the page.
    ///   - origin: when the server was started, in seconds since 1970, which tells whose counters they are.
    func publish(
        _ texts: [ByteBuffer], late: [(metric: Metric, text: ByteBuffer)] = [], from source: Source,
        expires: ContinuousClock.Instant, origin: Double = 0
    ) {
        let block = { (text: ByteBuffer) in
            Block(
                source: source, expires: expires, bytes: text,
                segments: text.readableBytes >= Self.big ? Segment.cut(text) : [])
        }
        let blocks = texts.map(block)
        let more = late.filter { !names.contains($0.metric.name) }
            .map { (name: $0.metric.name, header: ByteBuffer(bytes: $0.metric.header), block: block($0.text)) }
        let successor = state.withLock { state -> Successor? in
            guard state.successor == nil else { return state.successor }
            for (metric, block) in blocks.enumerated() {
                Self.put(block, into: &state.families[firstFamily[source.collector] + metric])
            }
            for name in Array(state.late[source.collector].keys) {
                state.late[source.collector][name]?.blocks.removeAll { $0.source == source }
            }
            // Whose last block is gone may come back as a family of another type.
            state.late[source.collector] = state.late[source.collector].filter { !$0.value.blocks.isEmpty }
            for (name, header, block) in more where block.bytes.readableBytes > 0 {
                Self.put(
                    block, into: &state.late[source.collector][name, default: Late(header: header, blocks: [])].blocks)
            }
            state.pages = [:]
            return nil
        }
        if let successor {
            guard let source = successor.source(source) else { return }
            return successor.store.publish(texts, late: late, from: source, expires: expires, origin: origin)
        }
        output?.take(texts, from: source, origin: origin)
    }

    /// Puts a block in the place of the one from the same source.
    private static func put(_ block: Block, into blocks: inout [Block]) {
        blocks.removeAll { $0.source == block.source }
        guard block.bytes.readableBytes > 0 else { return }
        let place = blocks.firstIndex { block.source < $0.source } ?? blocks.endIndex
        blocks.insert(block, at: place)
    }

    /// Takes what a collector showed of databases that are no longer there off the page.
    func keep(only databases: Set<String>, of collector: Int, server: Int, metrics: Int) {
        let successor = state.withLock { state -> Successor? in
            guard state.successor == nil else { return state.successor }
            for family in firstFamily[collector]..<(firstFamily[collector] + metrics) {
                let before = state.families[family].count
                state.families[family].removeAll {
                    $0.source.server == server && !databases.contains($0.source.database)
                }
                if state.families[family].count != before { state.pages = [:] }
            }
            return nil
        }
        let source = successor?.source(Source(server: server, collector: collector, database: ""))
        guard let successor, let source else { return }
        successor.store.keep(only: databases, of: source.collector, server: source.server, metrics: metrics)
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
            for collector in state.late.indices {
                for name in Array(state.late[collector].keys) {
                    state.late[collector][name]?.blocks.removeAll { $0.expires <= now }
                }
            }
            let late = state.late.lazy.flatMap(\.values).flatMap(\.blocks)
            state.until = [state.families.lazy.joined().map(\.expires).min(), late.map(\.expires).min()]
                .compactMap { $0 }.min()
            let page = join(state, of: server)
            state.pages[server] = page
            return page
        }
    }

    /// The texts of a family that a server shows now.
    func texts(of family: String, server: Int, at now: ContinuousClock.Instant) -> [ByteBuffer] {
        guard let place = places[family] else { return [] }
        return state.withLock { state in
            state.families[place].filter { $0.source.server == server && $0.expires > now }.map(\.bytes)
        }
    }

    /// One server's blocks of a family, without the server's label.
    private func alone(_ server: Int, in blocks: [Block]) -> [Block] {
        let own = blocks.filter { $0.source.server == server }
        guard let label = serverLabels?[server] else { return own }
        return own.map { block in
            guard !alwaysLabelled.contains(block.source.collector) else { return block }
            let bytes = label.removed(from: block.bytes)
            return Block(
                source: block.source, expires: block.expires, bytes: bytes,
                segments: bytes.readableBytes >= Self.big ? Segment.cut(bytes) : [])
        }
    }

    private func join(_ state: State, of server: Int?) -> [Segment] {
        var segments: [Segment] = []
        var small = ByteBuffer()
        let flush = { (small: inout ByteBuffer) in
            guard small.readableBytes > 0 else { return }
            segments.append(Segment(small))
            small = ByteBuffer()
        }
        let add = { (header: ByteBuffer, blocks: [Block]) in
            let blocks = server.map { self.alone($0, in: blocks) } ?? blocks
            guard !blocks.isEmpty else { return }
            small.writeImmutableBuffer(header)
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
        for collector in firstFamily.indices {
            for family in families(of: collector) { add(headers[family], state.families[family]) }
            for (_, late) in state.late[collector].sorted(by: { $0.key < $1.key }) { add(late.header, late.blocks) }
        }
        flush(&small)
        return segments
    }
}
