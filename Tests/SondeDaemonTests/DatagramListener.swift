import NIOCore
import NIOPosix
import Synchronization

/// A UDP port of this machine, and what came to it.
final class DatagramListener: Sendable {
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        let texts = Mutex<[String]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data).data)
            texts.withLock { $0.append(text) }
        }
    }

    let port: Int
    private let handler: Handler
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    init() async throws {
        let handler = Handler()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await DatagramBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0).get()
        self.handler = handler
        port = channel.localAddress?.port ?? 0
    }

    var texts: [String] { handler.texts.withLock { $0 } }

    func close() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}
