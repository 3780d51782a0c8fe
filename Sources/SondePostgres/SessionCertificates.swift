private import CLibPQ
private import Glibc

/// Reads when the certificates of a session end, the server's and ours, by the OpenSSL that libpq itself uses.
///
/// libpq lends OpenSSL's `SSL *`, and nothing that reads it. The functions are looked up in libpq and in what libpq depends on, and nowhere
/// else: nothing more is linked, and another library's functions of the same names, such as a TLS library within the program, are never
/// called. Where libpq is part of the program, or knows no OpenSSL, or that has not all of them, nothing is known.
enum SessionCertificates {
    private typealias Reference = UnsafeMutableRawPointer

    /// The functions, which have been the same since OpenSSL 1.1.1 but for the first one's name.
    @safe private struct OpenSSL: Sendable {
        let certificate: @convention(c) (Reference) -> Reference?
        let ownCertificate: @convention(c) (Reference) -> Reference?
        let notAfter: @convention(c) (Reference) -> Reference?
        let time: @convention(c) (Reference, UnsafeMutablePointer<tm>) -> Int32
        let free: @convention(c) (Reference) -> Void

        /// Nil where they are not there.
        init?() {
            guard let library = unsafe dlopen("libpq.so.5", RTLD_LAZY | RTLD_NOLOAD) else { return nil }
            let find = { (name: String) in unsafe dlsym(library, name) }
            guard
                let certificate = unsafe find("SSL_get1_peer_certificate") ?? find("SSL_get_peer_certificate"),
                let ownCertificate = unsafe find("SSL_get_certificate"),
                let notAfter = unsafe find("X509_get0_notAfter"), let time = unsafe find("ASN1_TIME_to_tm"),
                let free = unsafe find("X509_free")
            else { return nil }
            unsafe self.certificate = unsafeBitCast(certificate, to: (@convention(c) (Reference) -> Reference?).self)
            unsafe self.ownCertificate = unsafeBitCast(
                ownCertificate, to: (@convention(c) (Reference) -> Reference?).self)
            unsafe self.notAfter = unsafeBitCast(notAfter, to: (@convention(c) (Reference) -> Reference?).self)
            unsafe self.time = unsafeBitCast(
                time, to: (@convention(c) (Reference, UnsafeMutablePointer<tm>) -> Int32).self)
            unsafe self.free = unsafeBitCast(free, to: (@convention(c) (Reference) -> Void).self)
        }
    }

    private static let openSSL = OpenSSL()

    /// When the certificate ends that the server showed.
    ///
    /// - Parameter connection: one that is made.
    /// - Returns: seconds since 1970; nil without TLS, or where that cannot be known.
    @unsafe static func server(of connection: OpaquePointer) -> Double? {
        guard let openSSL, let session = unsafe session(of: connection),
            let certificate = unsafe openSSL.certificate(session)
        else { return nil }
        defer { unsafe openSSL.free(certificate) }
        return unsafe end(of: certificate, openSSL)
    }

    /// When the certificate ends that libpq had for the server, whether or not that asked for it.
    ///
    /// - Parameter connection: one that is made.
    /// - Returns: seconds since 1970; nil without TLS, without a certificate, or where that cannot be known.
    @unsafe static func client(of connection: OpaquePointer) -> Double? {
        // The session's own, which is not to be freed.
        guard let openSSL, let session = unsafe session(of: connection),
            let certificate = unsafe openSSL.ownCertificate(session)
        else { return nil }
        return unsafe end(of: certificate, openSSL)
    }

    @unsafe private static func session(of connection: OpaquePointer) -> Reference? {
        unsafe PQsslInUse(connection) == 1 ? PQsslStruct(connection, "OpenSSL") : nil
    }

    @unsafe private static func end(of certificate: Reference, _ openSSL: OpenSSL) -> Double? {
        var parts = unsafe tm()
        guard let end = unsafe openSSL.notAfter(certificate), unsafe openSSL.time(end, &parts) == 1 else { return nil }
        return unsafe Double(timegm(&parts))
    }
}
