import NIOCore
import NIOSSL

/// What the listener shows of itself over TLS, and asks of its clients.
struct TLSIdentity: Sendable {
    let context: NIOSSLContext
    let clients: TLSNames.ClientAuthentication
    /// Names of which a client's certificate must have one; nil for any.
    let clientNames: Set<String>?
    /// Whether the authorities that sign clients' certificates are named, and are not all that the system knows.
    let hasClientAuthority: Bool
    /// When the certificate ends, in Unix seconds: the first of its chain that does.
    let notAfter: Double

    /// The handlers that stand between a connection's socket and its HTTP.
    func handlers() -> [any ChannelHandler] {
        let secure: NIOSSLServerHandler
        if clients == .none || clients.verifies {
            secure = NIOSSLServerHandler(context: context)
        } else {
            // The client shows that it has the certificate's key; whose it is nobody asks.
            secure = NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
        }
        return [TLSDoor(), secure] + (clientNames.map { [TLSClientNames(secure, allowed: $0)] } ?? [])
    }
}
