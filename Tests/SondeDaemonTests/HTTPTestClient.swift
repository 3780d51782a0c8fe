import Glibc
import NIOCore
import Testing

@testable import SondeDaemon

/// A client that says exactly what a test wants, and never blocks a thread.
struct HTTPTestClient: ~Copyable {
    struct Failure: Error {}

    private let descriptor: Int32

    /// Connects, with a receive buffer of the kernel's choice unless a size is given.
    init(_ address: Configuration.ListenAddress, buffer: Int32? = nil) throws {
        let socketAddress: SocketAddress =
            switch address {
            case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
            case .tcp(let host, let port): try SocketAddress(ipAddress: host, port: port)
            // Bound addresses are of the other kinds.
            case .inherited: throw Failure()
            }
        let family: Int32 =
            switch socketAddress {
            case .v4: AF_INET
            case .v6: AF_INET6
            case .unixDomainSocket: AF_UNIX
            }
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var buffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = unsafe socketAddress.withSockAddr { unsafe connect(descriptor, $0, socklen_t($1)) }
        guard result == 0 else {
            close(descriptor)
            throw Failure()
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends all of a text; false when the other side is gone.
    @discardableResult
    func send(_ text: String) async throws -> Bool {
        try await send(Array(text.utf8))
    }

    /// Sends all of some bytes; false when the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let sent = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if sent > 0 {
                bytes = bytes.dropFirst(sent)
            } else if errno == EAGAIN {
                try await Task.sleep(for: .milliseconds(1))
            } else {
                return false
            }
        }
        return true
    }

    /// Says that nothing more will be sent.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection by a reset when this client goes out of scope.
    func resetAtEnd() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads one answer, which has no body if it is to HEAD; nil when the server closed the connection instead.
    func answer(hasBody: Bool = true) async throws -> HTTPTestAnswer? {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            guard let byte = try await receive(1).first else { return nil }
            head.unicodeScalars.append(UnicodeScalar(byte))
        }
        var answer = try #require(HTTPTestAnswer(head: head))
        if hasBody, let length = answer.length { answer.body = try await receive(length) }
        return answer
    }

    /// Whether the server has closed, or closes within some seconds, without another byte.
    func isClosed() async throws -> Bool {
        try await receive(1).isEmpty
    }

    /// Reads so many bytes, or fewer where the connection ends before.
    func receive(_ count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(count, 1 << 20))
        let patience = ContinuousClock.now + .seconds(30)
        while bytes.count < count {
            let wanted = min(count - bytes.count, piece.count)
            let got = unsafe recv(descriptor, &piece, wanted, Int32(MSG_DONTWAIT))
            if got > 0 {
                bytes += piece[..<got]
            } else if got < 0, errno == EAGAIN {
                guard .now < patience else { throw Failure() }
                try await Task.sleep(for: .milliseconds(1))
            } else {
                break
            }
        }
        return bytes
    }
}
