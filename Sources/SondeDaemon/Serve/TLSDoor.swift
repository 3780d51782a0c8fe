import NIOCore

/// Tells a client that speaks plain HTTP to a port for TLS what is wrong, where TLS would only close.
final class TLSDoor: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let text = "400: this port speaks TLS: write https://\n"
    private static let answer = """
        HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n\
        Connection: close\r\n\r\n\(text)
        """
    private var isPlain = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isPlain { return }
        // A handshake begins by 22, and no HTTP method does.
        guard let first = unwrapInboundIn(data).readableBytesView.first,
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
        else {
            context.fireChannelRead(data)
            _ = context.pipeline.syncOperations.removeHandler(context: context)
            return
        }
        isPlain = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
