import NIOCore

/// Counts what a client sends before its request is complete, and keeps everything beyond the limit from the parser.
final class HTTPMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limit: Int
    /// The bytes since ``reset()``.
    private(set) var count = 0
    /// Whether a line has ended since ``reset()``: what is too long after that is not the request line.
    private(set) var hasLine = false
    /// Whether nothing reaches the parser any more.
    var isDeaf = false

    init(limit: Int) {
        self.limit = limit
    }

    var isOver: Bool { count > limit }

    /// Starts to count the next request.
    func reset() {
        count = 0
        hasLine = false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        if !hasLine { hasLine = bytes.prefix(max(limit - count, 0)).contains(UInt8(ascii: "\n")) }
        // Where several requests come in one piece, the parser's events reset the count midway: the last may be a few kB too long.
        count += bytes.count
        if !isDeaf, !isOver { context.fireChannelRead(data) }
    }
}
