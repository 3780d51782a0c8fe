import Logging
import NIOCore

/// Stands before a listener's accepts: while there are as many connections as there may be, the next client waits in the kernel's
/// queue and costs us nothing.
final class HTTPAcceptor: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let connections: HTTPConnections
    private let logger: Logger
    private var isHolding = false
    private var lastWarning: NIODeadline?

    init(connections: HTTPConnections, logger: Logger) {
        self.connections = connections
        self.logger = logger
    }

    func read(context: ChannelHandlerContext) {
        guard !connections.hasRoom else { return context.read() }
        guard !isHolding else { return }
        isHolding = true
        logger.debug("there are as many connections as there may be: the next client waits")
        connections.whenRoom {
            self.isHolding = false
            self.read(context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Out of file descriptors, most likely; the handler before this one waits a second.
        if lastWarning.map({ .now() - $0 > .minutes(1) }) ?? true {
            lastWarning = .now()
            logger.warning("cannot accept a connection", metadata: ["error": "\(error)"])
        }
    }
}
