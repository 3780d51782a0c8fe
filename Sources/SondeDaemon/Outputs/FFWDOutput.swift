import Glibc
import Logging
import NIOCore
import Sonde
import Synchronization

/// Sends what collectors publish to FFWD, as Spotify's postgresql-metrics does.
///
/// Nothing waits for it: what comes while too much waits already is left out and counted.
final class FFWDOutput: Sendable {
    /// What has been done since the start.
    struct Counts: Sendable, Hashable {
        /// Datagrams that were sent; whether they arrived is not known.
        var sent = 0
        /// Datagrams that could not be sent.
        var failed = 0
        /// Runs of collectors that were left out.
        var dropped = 0
    }

    private struct State {
        var isRunning = false
        var waiting: [FFWDTranslator.Publication] = []
        var bytes = 0
        var counts = Counts()
    }

    /// The most runs of collectors, and bytes of their texts, that wait.
    private static let mostWaiting = 1_000
    private static let mostBytes = 32 << 20

    private let target: Configuration.FFWD
    private let translator: FFWDTranslator
    private let logger: Logger
    private let needed: [Set<Int>]
    private let alarm = Alarm()
    private let state: Mutex<State>
    private let ends: AsyncStream<Never>
    private let finish: AsyncStream<Never>.Continuation

    /// Makes an output that takes nothing before it runs.
    ///
    /// - Parameters:
    ///   - target: where it sends to.
    ///   - servers: all that there are, for their hosts.
    ///   - registry: whose collectors publish.
    ///   - counts: what another one in whose place this one comes has done; nil without one.
    ///   - logger: for what goes wrong.
    init(
        _ target: Configuration.FFWD, servers: [Configuration.Server], registry: Registry, counts: Counts? = nil,
        logger: Logger
    ) {
        state = Mutex(State(counts: counts ?? Counts()))
        (ends, finish) = AsyncStream.makeStream()
        self.target = target
        self.logger = logger
        translator = FFWDTranslator(registry: registry, key: target.key, hosts: servers.map(FFWDHost.name))
        needed = registry.entries.indices.map { [translator] in translator.families(of: $0) }
    }

    var counts: Counts { state.withLock { $0.counts } }

    /// Whether it takes what is published.
    var isRunning: Bool { state.withLock { $0.isRunning } }

    /// Takes what a collector published, as far as it is of use.
    ///
    /// - Parameters:
    ///   - texts: a text per metric of the collector.
    ///   - source: where they came from.
    ///   - origin: when the server was started.
    func take(_ texts: [ByteBuffer], from source: Store.Source, origin: Double = 0) {
        let families = needed[source.collector]
        guard !families.isEmpty, source.server != Store.Source.local else { return }
        let texts = texts.enumerated().map { families.contains($0) ? $1 : ByteBuffer() }
        let publication = FFWDTranslator.Publication(
            source: source, origin: origin, texts: texts, at: .now, time: Int64(WallClock.now() * 1_000))
        let isWaiting = state.withLock { state in
            guard state.isRunning else { return false }
            guard state.waiting.count < Self.mostWaiting, state.bytes + publication.bytes <= Self.mostBytes else {
                state.counts.dropped += 1
                return false
            }
            state.waiting.append(publication)
            state.bytes += publication.bytes
            return true
        }
        if isWaiting { alarm.ring() }
    }

    /// Sends until it is cancelled, or is to end.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.work() }
            group.addTask { [ends] in for await _ in ends {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Has ``run()`` end.
    func end() {
        finish.finish()
    }

    private func work() async {
        var translator = translator
        var sender = DatagramSender(host: target.host, port: target.port)
        var isFailing = false
        state.withLock { $0.isRunning = true }
        while await alarm.wait(until: nil) {
            for publication in takeWaiting() where !Task.isCancelled {
                let messages = translator.messages(for: publication)
                let datagrams = messages.compactMap(\.datagram)
                let result = await sender.send(datagrams)
                let tooLarge = messages.count - datagrams.count
                state.withLock { state in
                    state.counts.sent += result.sent
                    state.counts.failed += result.failed + tooLarge
                }
                note(result, &isFailing)
            }
        }
        state.withLock { $0.isRunning = false }
        await sender.close()
    }

    private func takeWaiting() -> [FFWDTranslator.Publication] {
        state.withLock { state in
            defer {
                state.waiting = []
                state.bytes = 0
            }
            return state.waiting
        }
    }

    /// Logs a failure, and its end, once.
    private func note(_ result: DatagramSender.Result, _ isFailing: inout Bool) {
        let metadata: Logger.Metadata = ["output": "ffwd", "host": "\(target.host)", "port": "\(target.port)"]
        if result.failed > 0, !isFailing {
            logger.warning("datagrams cannot be sent: \(result.reason)", metadata: metadata)
            isFailing = true
        } else if result.sent > 0, result.failed == 0, isFailing {
            logger.notice("datagrams are sent again", metadata: metadata)
            isFailing = false
        }
    }
}

extension FFWDTranslator.Publication {
    /// The size of its texts.
    fileprivate var bytes: Int { texts.reduce(0) { $0 + $1.readableBytes } }
}
