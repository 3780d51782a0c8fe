import NIOCore
import NIOPosix

/// Sends datagrams to one host, at a bounded pace, from a socket and threads of its own.
///
/// A host's name is looked up again every minute, so that one that moves is found; the last address holds until a new one is known.
struct DatagramSender {
    /// What came of a sending.
    struct Result: Sendable, Hashable {
        var sent = 0
        var failed = 0
        /// Why the last one that failed did.
        var reason = ""
    }

    /// The most datagrams that go out at once: a receiver has a buffer for a few hundred.
    private static let burst = 64
    private static let pause = Duration.milliseconds(10)
    private static let lookUpEvery = Duration.seconds(60)

    private let host: String
    private let port: Int
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    // A resolver may hang for long, and nobody else may have to wait for it.
    private let resolver = NIOThreadPool(numberOfThreads: 1)
    private var address: SocketAddress?
    private var lookedUp: ContinuousClock.Instant?
    private var channel: (any Channel)?

    init(host: String, port: Int) {
        self.host = host
        self.port = port
        resolver.start()
    }

    /// Sends datagrams, one after the other.
    mutating func send(_ datagrams: [ByteBuffer]) async -> Result {
        var result = Result()
        var rest = datagrams[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.burst)
            rest = rest.dropFirst(part.count)
            do {
                let (channel, address) = try await way()
                let writes = part.map {
                    channel.write(AddressedEnvelope(remoteAddress: address, data: $0))
                }
                channel.flush()
                for write in writes {
                    do {
                        try await write.get()
                        result.sent += 1
                    } catch {
                        result.failed += 1
                        result.reason = "\(error)"
                    }
                }
            } catch {
                result.failed += part.count + rest.count
                result.reason = "\(error)"
                return result
            }
            if !rest.isEmpty { try? await Task.sleep(for: Self.pause) }
        }
        return result
    }

    /// Closes the socket and ends the threads.
    func close() async {
        try? await channel?.close()
        try? await resolver.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// A socket, and the address to send to.
    private mutating func way() async throws -> (any Channel, SocketAddress) {
        let before = address
        let address = try await lookUp()
        if let channel, channel.isActive, address.protocol == before?.protocol { return (channel, address) }
        try? await channel?.close()
        let any = address.protocol == .inet6 ? "::" : "0.0.0.0"
        let channel = try await DatagramBootstrap(group: group).bind(host: any, port: 0).get()
        self.channel = channel
        return (channel, address)
    }

    private mutating func lookUp() async throws -> SocketAddress {
        if let address, let lookedUp, .now - lookedUp < Self.lookUpEvery { return address }
        do {
            let found = try await resolver.runIfActive { [host, port] in
                try SocketAddress.makeAddressResolvingHost(host, port: port)
            }
            address = found
            lookedUp = .now
            return found
        } catch {
            guard let address else { throw error }
            lookedUp = .now
            return address
        }
    }
}
