import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Binds addresses on one event loop and gives every client that comes a connection.
struct Listener {
    /// The most that the kernel keeps for a client beyond what is on the wire.
    private static let unsentBytes = 1 << 18

    /// The event loop, which must be of NIO's own kind, and of one thread.
    let eventLoop: any EventLoop
    let limits: Configuration.Web
    let logger: Logger
    let traffic: HTTPTraffic
    let security: WebGuard
    let connections: NIOLoopBound<HTTPConnections>
    let handler: @Sendable (HTTPRequest) async -> HTTPResponse

    /// Binds all socket addresses of one address of the configuration.
    ///
    /// - Parameters:
    ///   - address: where to listen.
    ///   - onlyIPv6: whether `::` leaves IPv4 to somebody else.
    /// - Returns: the listening channels, at least one.
    /// - Throws: ``ListenError``.
    func bind(_ address: Configuration.ListenAddress, onlyIPv6: Bool) async throws(ListenError) -> [any Channel] {
        if case .inherited(let descriptor) = address {
            do {
                let isIP = InheritedSockets.family(of: descriptor) != AF_UNIX
                return [try await bootstrap(isIP: isIP).withBoundSocket(descriptor).get()]
            } catch {
                throw ListenError(address, errno: (error as? IOError)?.errnoCode ?? EINVAL)
            }
        }
        if case .unix(let path) = address { try ListenSocketFile.makeWay(at: path) }
        // The event loop's thread is ours, and may wait for a name to be looked up.
        let found = try? await eventLoop.submit { Result { () throws(ListenError) in try ListenCandidates(address) } }
            .get()
        guard let found else { throw ListenError("cannot listen on \(address): shutting down") }
        let candidates = try found.get()
        var bound: [any Channel] = []
        var failure: ListenError?
        for socket in candidates.addresses {
            do {
                bound.append(try await bootstrap(socket, onlyIPv6: onlyIPv6).bind(to: socket).get())
                if candidates.needsOnlyOne { break }
            } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                failure = ListenError(address, errno: error.errnoCode)
            } catch {
                for channel in bound { try? await channel.close() }
                throw ListenError(address, errno: (error as? IOError)?.errnoCode ?? EINVAL)
            }
        }
        if bound.isEmpty { throw failure ?? ListenError("cannot listen on \(address): the host has no address") }
        return bound
    }

    private func bootstrap(_ socket: SocketAddress, onlyIPv6: Bool) -> ServerBootstrap {
        guard socket.protocol != .unix else { return bootstrap(isIP: false) }
        let reusing = bootstrap(isIP: true).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        guard socket.protocol == .inet6 else { return reusing }
        return reusing.serverChannelOption(
            ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: onlyIPv6 ? 1 : 0)
    }

    private func bootstrap(isIP: Bool) -> ServerBootstrap {
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 256)
            // One at a time, so that the limit of connections holds exactly.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { [connections, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPAcceptor(connections: connections.value, logger: logger))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            // A request is a few hundred bytes; a body has no claim to memory.
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4_096))
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32_768, high: 65_536))
            .childChannelInitializer { [limits, logger, traffic, security, connections, handler] channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = security.tls
                    if let tls { try channel.pipeline.syncOperations.addHandlers(tls.handlers()) }
                    let meter = HTTPMeter(limit: limits.maxHeaderBytes)
                    let connection = HTTPConnection(
                        limits: limits, logger: logger, traffic: traffic, connections: connections.value, meter: meter,
                        pieceBytes: tls == nil ? .max : HTTPConnection.sealedPieceBytes, handler: handler)
                    try channel.pipeline.syncOperations.addHandlers([
                        meter, ByteToMessageHandler(HTTPRequestDecoder()), connection,
                    ])
                    connections.value.add(channel, connection)
                }
            }
        guard isIP else { return bootstrap }
        // Else the kernel would take 4 MB for every client that does not read.
        return bootstrap.childChannelOption(
            ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_NOTSENT_LOWAT)),
            value: Self.unsentBytes)
    }
}
