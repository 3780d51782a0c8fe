import NIOCore
import NIOSSL
import NIOTLS

/// Turns away clients whose certificate, which was verified, has none of the allowed names.
final class TLSClientNames: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// No such name; the connection ends.
    struct Refusal: Error, CustomStringConvertible {
        let description = "the client's certificate has none of the names of client_allowed_sans"
    }

    private let secure: NIOSSLServerHandler
    private let allowed: Set<String>

    init(_ secure: NIOSSLServerHandler, allowed: Set<String>) {
        self.secure = secure
        self.allowed = allowed
    }

    // It comes before any byte that the client sent.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        let names = secure.peerCertificate.map(Self.names) ?? []
        guard allowed.isDisjoint(with: names) else { return context.fireUserInboundEventTriggered(event) }
        context.fireErrorCaught(Refusal())
    }

    /// The names of a certificate as Go writes them: hosts, mail addresses, locations, IP addresses.
    private static func names(_ certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().compactMap { name in
            let bytes = Array(name.contents)
            switch name.nameType {
            case .dnsName, .email, .uri: return String(validating: bytes, as: UTF8.self)
            case .ipAddress:
                return try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress
            default: return nil
            }
        }
    }
}
