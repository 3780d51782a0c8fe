import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One client's connection: takes one request after the other, and writes each answer no faster than the client reads it.
///
/// Nothing is read while a request is being answered, so that a client who sends without end fills its own buffers; see
/// ``pending`` for what had already come.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private enum State {
        /// For a request: nothing, or a part of it, has come.
        case waiting
        /// The handler works on a request.
        case answering(Task<Void, Never>)
        /// The answer is on its way.
        case writing
        /// All is said; we hear the client out for a moment, for a close with bytes unread would destroy the answer on its way.
        case lingering
        case closed
    }

    /// What has been read and not been answered yet.
    private enum Item {
        case request(HTTPRequestHead)
        case refusal(HTTPResponseStatus, String)
    }

    /// The most requests that may come in one go before the first is answered.
    private static let pipelineLimit = 64
    /// The most bytes and the longest time that a refused client is heard out.
    private static let lingerBytes = 1 << 20
    private static let lingerTime = TimeAmount.seconds(2)
    /// The most bytes that are encrypted at a time: a client's own copy of what all others share.
    static let sealedPieceBytes = 65_536

    private let limits: Configuration.Web
    private let logger: Logger
    private let traffic: HTTPTraffic
    private let connections: HTTPConnections
    private let meter: HTTPMeter
    /// The most bytes that are handed over at a time.
    private let pieceBytes: Int
    private let handler: @Sendable (HTTPRequest) async -> HTTPResponse
    private var context: ChannelHandlerContext?
    private var state = State.waiting
    private var pending: [Item] = []
    private var timer: Scheduled<Void>?
    /// Whether the first byte of the next request has come, or must come soon: the connection is new.
    private var hasBegun = true
    private var isInputClosed = false
    private var isQuiescing = false
    /// Whether a request was refused, after which nothing that comes has a meaning.
    private var isRefused = false
    private var closesAfter = false
    private var body: ArraySlice<ByteBuffer> = []
    private var isPumping = false

    init(
        limits: Configuration.Web, logger: Logger, traffic: HTTPTraffic, connections: HTTPConnections, meter: HTTPMeter,
        pieceBytes: Int = .max, handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) {
        self.limits = limits
        self.logger = logger
        self.traffic = traffic
        self.connections = connections
        self.meter = meter
        self.pieceBytes = pieceBytes
        self.handler = handler
    }

    // MARK: What the channel tells us

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        arm(limits.headerTimeout)
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data), !isRefused else { return }
        meter.reset()
        receive(
            pending.count < Self.pipelineLimit
                ? .request(head) : .refusal(.tooManyRequests, "too many requests at a time"))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch state {
        case .waiting:
            if meter.isOver { return refuseOverflow() }
            if meter.count > 0, !hasBegun {
                hasBegun = true
                arm(limits.headerTimeout)
            }
            context.read()
        case .lingering:
            if meter.count > Self.lingerBytes { return context.close(promise: nil) }
            context.read()
        case .answering, .writing, .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
        isInputClosed = true
        switch state {
        case .waiting, .lingering: context.close(promise: nil)
        case .answering, .writing, .closed: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that just closes its side has asked all that it will, and waits for the answer.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        guard let error = error as? HTTPParserError else {
            logger.debug("a connection failed", metadata: ["error": "\(error)"])
            return context.close(promise: nil)
        }
        if isRefused { return }
        logger.debug("a request is not HTTP", metadata: ["error": "\(error)"])
        if error == .headerOverflow {
            receive(.refusal(.requestHeaderFieldsTooLarge, "the headers are too long"))
        } else {
            receive(.refusal(.badRequest, "this is not an HTTP/1.1 request that makes sense"))
        }
    }

    /// Ends what rests, and lets what is being answered be the last.
    func quiesce() {
        isQuiescing = true
        if case .waiting = state { context?.close(promise: nil) }
    }

    // MARK: From a request to its answer

    private func receive(_ item: Item) {
        if case .refusal = item { refuseFurther() }
        pending.append(item)
        takeNext()
    }

    private func refuseFurther() {
        isRefused = true
        meter.isDeaf = true
    }

    private func refuseOverflow() {
        let status = meter.hasLine ? HTTPResponseStatus.requestHeaderFieldsTooLarge : .uriTooLong
        receive(.refusal(status, "the request's head is longer than \(limits.maxHeaderBytes) bytes"))
    }

    private func takeNext() {
        guard case .waiting = state, let context, !pending.isEmpty else { return }
        traffic.add(to: \.requests)
        switch pending.removeFirst() {
        case .refusal(let status, let text): refuse(status, text)
        case .request(let head):
            if let (status, text) = fault(of: head) {
                refuseFurther()
                pending.removeAll()
                return refuse(status, text)
            }
            arm(limits.responseTimeout)
            let request = HTTPRequest(method: head.method, uri: head.uri, headers: head.headers)
            let promise = context.eventLoop.makePromise(of: HTTPResponse.self)
            connections.countHandlers(+1)
            promise.futureResult.assumeIsolated().whenSuccess { response in
                self.connections.countHandlers(-1)
                guard case .answering = self.state else { return }
                self.write(response, to: head)
            }
            // Not a child of any task, for a connection lives on its event loop; it is cancelled when the connection ends.
            // Below the polls, which have other threads, so that no number of requests stands before them.
            state = .answering(
                Task(priority: .utility) { [handler] in promise.succeed(await handler(request)) })
        }
    }

    /// Why a request is not for the handler, if it is not.
    private func fault(of head: HTTPRequestHead) -> (HTTPResponseStatus, String)? {
        let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        if size > limits.maxHeaderBytes {
            return (.requestHeaderFieldsTooLarge, "the request's head is longer than \(limits.maxHeaderBytes) bytes")
        }
        guard head.version.major == 1 else { return (.httpVersionNotSupported, "this server speaks HTTP/1.1") }
        if head.version.minor > 0, head.headers["host"].count != 1 {
            return (.badRequest, "an HTTP/1.1 request needs one Host header")
        }
        if head.headers.contains(name: "transfer-encoding")
            || head.headers["content-length"].contains(where: { $0 != "0" })
        {
            return (.payloadTooLarge, "this server takes no request bodies")
        }
        return nil
    }

    private func refuse(_ status: HTTPResponseStatus, _ text: String) {
        arm(limits.responseTimeout)
        write(.text(status, "\(status.code): \(text)"), to: nil)
    }

    /// Begins to write an answer; there is no head where there was no request that could be understood.
    private func write(_ response: HTTPResponse, to head: HTTPRequestHead?) {
        guard let context else { return }
        state = .writing
        var keepsAlive = false
        if let head, !isLast {
            // After an upgrade that we do not do, the parser understands nothing more.
            keepsAlive = head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
        }
        closesAfter = !keepsAlive
        let connection = closesAfter ? "close" : head?.version == .http1_0 ? "keep-alive" : nil
        let start = response.head(date: HTTPDate.now, connection: connection)
        logger.debug(
            "answered",
            metadata: [
                "method": "\(head?.method.rawValue ?? "?")", "uri": "\(head?.uri ?? "?")",
                "status": "\(response.status.code)",
            ])
        body = head?.method == .HEAD ? [] : response.body[...]
        traffic.add(start.readableBytes, to: \.bytes)
        if body.isEmpty { return hand(start, isLast: true) }
        context.write(NIOAny(start), promise: nil)
        pump()
    }

    /// Hands over segments as long as the client takes them.
    private func pump() {
        // A flush can tell us from within that there is room again; the loop below sees that by itself.
        guard case .writing = state, !isPumping, let context else { return }
        isPumping = true
        defer { isPumping = false }
        while context.channel.isWritable, let piece = nextPiece() {
            traffic.add(piece.readableBytes, to: \.bytes)
            hand(piece, isLast: body.isEmpty)
        }
    }

    private func nextPiece() -> ByteBuffer? {
        guard let first = body.first, first.readableBytes > pieceBytes else { return body.popFirst() }
        return body[body.startIndex].readSlice(length: pieceBytes)
    }

    private func hand(_ bytes: ByteBuffer, isLast: Bool) {
        guard let context else { return }
        guard isLast else { return context.writeAndFlush(NIOAny(bytes), promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.finish() }
        context.writeAndFlush(NIOAny(bytes), promise: promise)
    }

    /// Whether the answer under way is the last, whatever its request asked for.
    private var isLast: Bool {
        isQuiescing || isInputClosed && pending.isEmpty
    }

    /// The whole answer is with the kernel.
    private func finish() {
        guard case .writing = state, let context else { return }
        if closesAfter || isLast {
            // Where bytes may be unread, a close would be a reset.
            if isInputClosed || !isRefused && pending.isEmpty && meter.count == 0 { return context.close(promise: nil) }
            state = .lingering
            refuseFurther()
            meter.reset()
            arm(timeAmount: Self.lingerTime)
            context.close(mode: .output, promise: nil)
            return context.read()
        }
        state = .waiting
        hasBegun = meter.count > 0
        arm(hasBegun ? limits.headerTimeout : limits.idleTimeout)
        if pending.isEmpty, meter.isOver { return refuseOverflow() }
        takeNext()
        if case .waiting = state { context.read() }
    }

    // MARK: Time

    private func arm(_ time: Duration) {
        arm(timeAmount: TimeAmount(time))
    }

    private func arm(timeAmount: TimeAmount) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: timeAmount) { self.expire() }
    }

    private func expire() {
        guard let context else { return }
        switch state {
        case .waiting where meter.count > 0:
            receive(.refusal(.requestTimeout, "the request did not come to its end in time"))
        case .waiting, .lingering: context.close(promise: nil)
        case .answering(let task):
            task.cancel()
            logger.warning("a request was not answered in time")
            traffic.add(to: \.cut)
            refuseFurther()
            refuse(.serviceUnavailable, "the answer was not ready in time")
        case .writing:
            logger.debug("a client took too long to read an answer")
            traffic.add(to: \.cut)
            // Without this the kernel would keep megabytes for a client who does not take them.
            (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .whenComplete { [channel = context.channel] _ in channel.close(promise: nil) }
        case .closed: break
        }
    }

    private func end() {
        if case .answering(let task) = state { task.cancel() }
        state = .closed
        timer?.cancel()
        timer = nil
        pending = []
        body = []
    }
}
