import Glibc
import Synchronization

/// Tells systemd how the service stands, by datagrams to the socket that `NOTIFY_SOCKET` names.
final class NotifySocket: Sendable {
    /// What there is to tell.
    enum Message: Sendable, Hashable {
        /// It serves, or it has read its configuration anew.
        case ready
        /// It reads its configuration anew; ``ready`` follows.
        case reloading
        /// It is about to end.
        case stopping
        /// It goes on as it should; else systemd ends it and starts another.
        case alive
        /// A sentence for `systemctl status`.
        case status(String)

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(NotifySocket.monotonicMicroseconds)"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            case .status(let sentence):
                "STATUS="
                    + String(
                        String.UnicodeScalarView(sentence.unicodeScalars.map { Spelling.isControl($0) ? " " : $0 }))
            }
        }
    }

    /// As many messages as systemd may be behind with before the oldest are forgotten.
    private static let depth = 16

    private let descriptor: Int32
    private let address: sockaddr_un
    private let length: socklen_t
    /// What could not be sent yet, in order.
    private let waiting = Mutex<[String]>([])

    /// Opens the way to a socket; nil where there can be no such one.
    ///
    /// - Parameter path: its path; behind an `@`, its name in the abstract namespace.
    init?(_ path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let offset = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let isAbstract = path.hasPrefix("@")
        guard path.utf8.count > 1, isAbstract || path.hasPrefix("/"), !path.utf8.contains(0), path.utf8.count < room
        else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            unsafe bytes.copyBytes(from: path.utf8)
            if isAbstract { unsafe bytes[0] = 0 }
        }
        // The name of an abstract socket ends where its length says, a path by a zero byte.
        length = socklen_t(offset + path.utf8.count + (isAbstract ? 0 : 1))
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Sends messages as one, or keeps them until ``flush()`` where systemd has no room for them now.
    func send(_ messages: Message...) {
        waiting.withLock { waiting in
            waiting.append(messages.map(\.text).joined(separator: "\n"))
            if waiting.count > Self.depth { waiting.removeFirst() }
            flush(&waiting)
        }
    }

    /// Sends what could not be sent before.
    func flush() {
        waiting.withLock { flush(&$0) }
    }

    private func flush(_ waiting: inout [String]) {
        while let text = waiting.first, send(text) { waiting.removeFirst() }
    }

    private func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        while true {
            let count = unsafe withUnsafePointer(to: address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe sendto(
                        descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length
                    )
                }
            }
            guard count < 0, errno == EINTR else { return count == bytes.count }
        }
    }

    /// The clock by which systemd tells a reload from the one before.
    private static var monotonicMicroseconds: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}
