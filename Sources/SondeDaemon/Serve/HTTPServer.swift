import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Answers HTTP/1.1 on all listen addresses, on one thread, for as long as the service group runs.
///
/// What is asked for is the handler's matter; see ``HTTPConnection`` for what a client may do, and what it is cut off for.
actor HTTPServer: Service {
    private struct Listening {
        let group: MultiThreadedEventLoopGroup
        let channels: [any Channel]
        let files: [ListenSocketFile]
        let connections: NIOLoopBound<HTTPConnections>
        let addresses: [Configuration.ListenAddress]
    }

    /// The time that requests in flight have once the end is asked for.
    private static let grace = Duration.milliseconds(1_500)

    /// What has been done so far.
    nonisolated let traffic = HTTPTraffic()
    private let listeners: [Configuration.ListenAddress]
    private let limits: Configuration.Web
    private let logger: Logger
    private let security: WebGuard
    private let handler: @Sendable (HTTPRequest) async -> HTTPResponse
    private let whenListening: @Sendable () -> Void
    /// Whether the event loop has run since it was last asked to.
    private let hasRun = Mutex(true)
    private var listening: Listening?

    init(
        listeners: [Configuration.ListenAddress], limits: Configuration.Web, logger: Logger,
        security: WebGuard = WebGuard(), whenListening: @escaping @Sendable () -> Void = {},
        handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) {
        self.listeners = listeners
        self.limits = limits
        self.logger = logger
        self.security = security
        self.whenListening = whenListening
        self.handler = handler
    }

    /// Binds all addresses and begins to answer; ``run()`` does it, too, for who did not.
    ///
    /// - Returns: the addresses as they are bound, with the ports that were free in place of port 0.
    /// - Throws: ``ListenError``; then nothing is bound.
    @discardableResult
    func bind() async throws(ListenError) -> [Configuration.ListenAddress] {
        if let listening { return listening.addresses }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let limit = limits.maxConnections
        let connections = try? await loop.submit { [traffic] in
            NIOLoopBound(HTTPConnections(eventLoop: loop, limit: limit, traffic: traffic), eventLoop: loop)
        }.get()
        guard let connections else { throw ListenError("cannot listen: the event loop does not run") }
        let listener = Listener(
            eventLoop: loop, limits: limits, logger: logger, traffic: traffic, security: security,
            connections: connections, handler: handler)
        var channels: [any Channel] = []
        var files: [ListenSocketFile] = []
        do {
            for address in listeners {
                channels += try await listener.bind(address, onlyIPv6: hasOwnIPv4(address))
                if case .unix(let path) = address, let file = ListenSocketFile(boundAt: path) { files.append(file) }
            }
        } catch {
            for file in files { file.remove() }
            try? await group.shutdownGracefully()
            throw error
        }
        let addresses = channels.compactMap(\.localAddress).compactMap(Configuration.ListenAddress.init(bound:))
        for address in addresses { logger.info("listening", metadata: ["address": "\(address)"]) }
        if let open = addresses.first(where: { !$0.isLocal }), let danger = security.configuration.danger {
            logger.warning("\(danger)", metadata: ["address": "\(open)"])
        }
        listening = Listening(
            group: group, channels: channels, files: files, connections: connections, addresses: addresses)
        whenListening()
        return addresses
    }

    /// Whether the thread that answers clients hangs: it has done nothing since this was last asked.
    func hangs() -> Bool {
        guard let listening else { return false }
        let hangs = hasRun.withLock { hasRun in
            defer { hasRun = false }
            return !hasRun
        }
        listening.group.next().execute { self.hasRun.withLock { $0 = true } }
        return hangs
    }

    /// Answers until the service group shuts down, then ends what rests at once and what is in flight after 1.5 s at most.
    ///
    /// - Throws: ``ListenError`` if an address cannot be bound, or is lost.
    func run() async throws {
        try await serve { try await gracefulShutdown() }
    }

    /// Answers until `end` returns, gracefully, or throws, at once.
    func serve(until end: @escaping @Sendable () async throws -> Void) async throws {
        try await bind()
        guard let listening else { return }
        let (losses, continuation) = AsyncStream.makeStream(of: Void.self)
        for channel in listening.channels { channel.closeFuture.whenComplete { _ in continuation.yield() } }
        var failure: (any Error)?
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await end() }
                tasks.addTask {
                    for await _ in losses { throw ListenError("a listener was closed by the system") }
                }
                defer { tasks.cancelAll() }
                try await tasks.next()
            }
        } catch { failure = error }
        self.listening = nil
        await stop(listening, within: failure == nil ? Self.grace : .zero)
        if let failure, !(failure is CancellationError) { throw failure }
    }

    private func stop(_ listening: Listening, within grace: Duration) async {
        for channel in listening.channels { try? await channel.close() }
        for file in listening.files { file.remove() }
        let connections = listening.connections
        let idle = try? await listening.group.next().flatSubmit { connections.value.end(within: TimeAmount(grace)) }
            .get()
        // A handler that still runs will come back to the event loop, which must be there then. The process ends anyway.
        guard idle == true else { return logger.debug("a request's handler does not end") }
        try? await listening.group.shutdownGracefully()
    }

    /// Whether the same port of all IPv4 addresses is in the list by itself, so that `::` must not take it.
    private func hasOwnIPv4(_ address: Configuration.ListenAddress) -> Bool {
        guard case .tcp(_, let port) = address, port != 0 else { return false }
        return listeners.contains(.tcp(host: "0.0.0.0", port: port))
    }
}
