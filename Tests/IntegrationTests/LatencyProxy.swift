import Glibc
import Synchronization

/// A proxy on loopback that delays each direction, counts how often the client has spoken after the server, and misbehaves on request.
///
/// A thread per direction reads, another one sends what is old enough; all end with their connections.
final class LatencyProxy: Sendable {
    private struct Traffic {
        var bursts = 0
        var isClientLast = false
        var connections = 0
        /// The time from the first byte of each burst to the last byte of what came back.
        var times: [Duration] = []
        var start = ContinuousClock.now
        var last = ContinuousClock.now
    }

    /// The bytes under way in one direction.
    private final class Queue: Sendable {
        let bytes = Mutex<(parts: [(due: ContinuousClock.Instant, bytes: [UInt8])], isOver: Bool)>(([], false))
    }

    /// How it treats what comes.
    enum Manner: Sendable {
        case plain
        /// Every byte vanishes, as do the ends of connections; what was connected then stays so until the manner changes, and is lost.
        case silent
        /// The server's bytes come one by one.
        case bytewise
        /// The next answer of the server is this, and the rest of it as it is.
        case garbage([UInt8])
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let delay: Duration
    private let traffic = Mutex(Traffic())
    private let present = Mutex(Manner.plain)

    var manner: Manner {
        get { present.withLock { $0 } }
        set { present.withLock { $0 = newValue } }
    }

    /// Whether nothing comes through.
    private var isSilent: Bool {
        if case .silent = manner { true } else { false }
    }

    /// How often a client has sent something after the server had: round trips.
    var bursts: Int { traffic.withLock { $0.bursts } }
    var connections: Int { traffic.withLock { $0.connections } }
    /// The time of each burst but the last, as its client saw it.
    var times: [Duration] { traffic.withLock { $0.times } }

    init(to port: Int, delay: Duration) throws {
        target = port
        self.delay = delay
        (listener, self.port) = try FaultListener.listen()
        let accept = { @Sendable [weak self] in
            while let self, case let client = Glibc.accept(self.listener, nil, nil), client >= 0 { self.serve(client) }
        }
        Self.thread(accept)
    }

    func close() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private func serve(_ client: Int32) {
        let server = FaultListener.connect(to: target)
        traffic.withLock { $0.connections += 1 }
        for (from, to, isClient) in [(client, server, true), (server, client, false)] {
            let queue = Queue()
            Self.thread { self.receive(from, queue, isClient: isClient) }
            Self.thread { self.send(to, queue, isClient: isClient) }
        }
    }

    private func receive(_ file: Int32, _ queue: Queue, isClient: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while case let count = unsafe recv(file, &buffer, buffer.count, 0), count > 0 {
            let now = ContinuousClock.now
            if isClient {
                traffic.withLock { traffic in
                    guard !traffic.isClientLast else { return }
                    if traffic.bursts > 0 { traffic.times.append(traffic.last - traffic.start) }
                    traffic.bursts += 1
                    traffic.isClientLast = true
                    traffic.start = now
                }
            }
            if isSilent {
                while isSilent { usleep(10_000) }
                break
            }
            var part = Array(buffer[..<count])
            if !isClient, case .garbage(let bytes) = manner {
                part = bytes + part
                manner = .plain
            }
            queue.bytes.withLock { $0.parts.append((now + delay, part)) }
        }
        // The end of a connection does not come through either.
        while isSilent { usleep(10_000) }
        queue.bytes.withLock { $0.isOver = true }
    }

    private func send(_ file: Int32, _ queue: Queue, isClient: Bool) {
        while true {
            let (part, isOver) = queue.bytes.withLock { queue -> ([UInt8]?, Bool) in
                guard let first = queue.parts.first else { return (nil, queue.isOver) }
                guard first.due <= .now else { return (nil, false) }
                queue.parts.removeFirst()
                return (first.bytes, false)
            }
            guard let part else {
                if isOver { break }
                usleep(200)
                continue
            }
            var rest = part[...]
            var isBytewise = false
            if !isClient, case .bytewise = manner {
                isBytewise = true
                var one: Int32 = 1
                _ = unsafe setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            }
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(file, $0.baseAddress, isBytewise ? 1 : $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            if !isClient {
                traffic.withLock { traffic in
                    traffic.isClientLast = false
                    traffic.last = .now
                }
            }
        }
        // Whoever reads the other direction closes its own file; a descriptor or two of a test process may stay.
        _ = shutdown(file, Int32(SHUT_WR))
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        pthread_detach(thread)
    }
}
