import Glibc
import Synchronization

/// A listener on loopback that does with each connection what a script says, on a thread of its own.
final class FakeServer: Sendable {
    /// One connection to it.
    struct Peer: Sendable {
        let socket: Int32
        /// Counted from 0.
        let number: Int

        /// The bytes that come next; nil at the end.
        func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(socket, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : nil
        }

        func send(_ bytes: [UInt8]) {
            _ = unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        /// Waits until the other side has gone.
        func waitForEnd() {
            while receive() != nil {}
        }

        /// Answers the startup as a server does that trusts everybody.
        func welcome() {
            _ = receive()
            send(
                message("R", [0, 0, 0, 0]) + parameter("server_version", "17.0") + parameter("server_encoding", "UTF8")
                    + parameter("client_encoding", "UTF8") + message("K", [0, 0, 0, 1, 0, 0, 0, 2]) + ready)
        }

        /// Answers the two statements of the extended protocol that a session begins with by nothing.
        func answerSetup() {
            var bytes: [UInt8] = []
            while Self.syncs(in: bytes) < 2, let more = receive() { bytes += more }
            let answer = message("1", []) + message("2", []) + message("n", []) + message("C", text("SELECT 0")) + ready
            send(answer + answer)
        }

        /// The number of Sync messages among whole messages.
        private static func syncs(in bytes: [UInt8]) -> Int {
            var (at, count) = (0, 0)
            while at + 5 <= bytes.count {
                if bytes[at] == UInt8(ascii: "S") { count += 1 }
                at += 1 + bytes[at + 1...at + 4].reduce(0) { $0 << 8 | Int($1) }
            }
            return count
        }

        /// Refuses with an error.
        func refuse(_ sqlstate: String, _ words: String) {
            send(
                message(
                    "E", [83] + text("FATAL") + [86] + text("FATAL") + [67] + text(sqlstate) + [77] + text(words) + [0])
            )
        }

        var ready: [UInt8] { message("Z", [73]) }

        func message(_ type: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
            let length = UInt32(body.count + 4)
            return [UInt8(ascii: type)] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
        }

        func text(_ text: String) -> [UInt8] {
            Array(text.utf8) + [0]
        }

        private func parameter(_ name: String, _ value: String) -> [UInt8] {
            message("S", text(name) + text(value))
        }
    }

    let port: Int
    private let listener: Int32

    init(_ script: @escaping @Sendable (Peer) -> Void) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(listener, pointer, length)
                _ = unsafe getsockname(listener, pointer, &length)
            }
        }
        listen(listener, 16)
        port = Int(UInt16(bigEndian: address.sin_port))
        Self.detach {
            var number = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { return }
                let peer = Peer(socket: socket, number: number)
                number += 1
                Self.detach {
                    script(peer)
                    close(peer.socket)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Keywords that lead to it.
    var keywords: [String: String] {
        [
            "host": "127.0.0.1", "port": "\(port)", "user": "nobody", "dbname": "none", "sslmode": "disable",
            "password": "hunter2hunter2", "gssencmode": "disable",
        ]
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    private static func detach(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, body)
        if code == 0 { pthread_detach(thread) }
    }
}
