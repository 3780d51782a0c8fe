import NIOCore

/// The connections that are open, of all listeners together.
///
/// It lives on the event loop.
final class HTTPConnections {
    private let eventLoop: any EventLoop
    private let limit: Int
    private let traffic: HTTPTraffic
    private var open: [ObjectIdentifier: (channel: any Channel, connection: HTTPConnection)] = [:]
    /// What listeners want to be told when there is room again.
    private var held: [() -> Void] = []
    private var handlers = 0
    private var isQuiescing = false
    private var ended: EventLoopPromise<Bool>?

    init(eventLoop: any EventLoop, limit: Int, traffic: HTTPTraffic) {
        self.eventLoop = eventLoop
        self.limit = max(limit, 1)
        self.traffic = traffic
    }

    var hasRoom: Bool { open.count < limit }

    /// Keeps a connection until it closes.
    func add(_ channel: any Channel, _ connection: HTTPConnection) {
        let key = ObjectIdentifier(channel)
        open[key] = (channel, connection)
        traffic.add(to: \.open)
        traffic.add(to: \.accepted)
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.remove(key) }
        if isQuiescing { connection.quiesce() }
    }

    /// Calls back once, when a connection has ended.
    func whenRoom(_ body: @escaping () -> Void) {
        held.append(body)
    }

    /// Says that a handler has begun, or ended, its work.
    func countHandlers(_ change: Int) {
        handlers += change
        completeIfEnded()
    }

    /// Ends the connections that rest, lets the others answer once more, and ends all that is left when the time is over.
    ///
    /// - Returns: whether all handlers have ended, too; it waits a moment for those whose clients were cut off.
    func end(within grace: TimeAmount) -> EventLoopFuture<Bool> {
        let promise = eventLoop.makePromise(of: Bool.self)
        ended = promise
        isQuiescing = true
        for (_, connection) in open.values { connection.quiesce() }
        eventLoop.assumeIsolated().scheduleTask(in: grace) {
            for (channel, _) in self.open.values { channel.close(promise: nil) }
            self.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(200)) { self.complete(false) }
        }
        completeIfEnded()
        return promise.futureResult
    }

    private func completeIfEnded() {
        if open.isEmpty, handlers == 0 { complete(true) }
    }

    private func complete(_ isIdle: Bool) {
        ended?.succeed(isIdle)
        ended = nil
    }

    private func remove(_ key: ObjectIdentifier) {
        open[key] = nil
        traffic.add(-1, to: \.open)
        completeIfEnded()
        let held = held
        self.held = []
        for body in held { body() }
    }
}
