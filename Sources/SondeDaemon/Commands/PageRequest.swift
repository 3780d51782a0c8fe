import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Sonde

/// One request for a page.
struct PageRequest: Sendable {
    /// How far whoever answers is trusted, and who asks.
    struct Access: Sendable {
        /// The authorities by whom a certificate may be signed; nil for those that the system trusts.
        var authorities: [NIOSSLCertificate]?
        /// Whether any certificate will do.
        var isInsecure = false
        /// Users and passwords, machine by machine.
        var logins: NetrcFile?

        /// The certificates in a file.
        ///
        /// - Throws: `FileProblems` where there is none.
        static func certificates(in path: String) throws(FileProblems) -> [NIOSSLCertificate] {
            let bytes = try BoundedFile.read(path, atMost: 16 << 20).bytes
            guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
                throw FileProblems(problems: [FileProblem(path, "there is no certificate in it")])
            }
            return found
        }
    }

    private static let patience = Duration.seconds(60)
    /// The most bytes of a page.
    private static let limit = 1 << 30

    private let isSecure: Bool
    private let host: String
    private let port: Int
    private let path: String

    /// Reads `http://HOST[:PORT][/PATH]`, or `https://…`.
    ///
    /// - Throws: `ScrapedPage.Fault` where it is neither.
    init(_ url: String) throws(ScrapedPage.Fault) {
        isSecure = url.hasPrefix("https://")
        let rest = url.dropFirst(isSecure ? "https://".count : "http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        self.path = path.isEmpty ? "/metrics" : path.hasPrefix("/") ? String(path) : "/\(path)"
        guard !authority.contains("@") else {
            throw ScrapedPage.Fault(description: "user and password stand in a file: --netrc-file names it")
        }
        guard self.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ScrapedPage.Fault(description: "write what is no plain character of the path as %20")
        }
        var host = authority
        var port = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]) else {
                throw ScrapedPage.Fault(description: "the port is not a number from 0 to 65535")
            }
            host = authority[..<colon]
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ScrapedPage.Fault(description: "write http://HOST:PORT/PATH")
        }
        self.host = String(host)
        self.port = port
    }

    /// The body of the answer.
    ///
    /// - Throws: why there is none.
    func text(_ access: Access = Access()) async throws -> String {
        let tls = isSecure ? try Self.context(access) : nil
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let answer: Result<ByteBuffer?, any Error>
        do {
            answer = .success(
                try await withThrowingTaskGroup(of: ByteBuffer?.self) { tasks in
                    tasks.addTask { try await ask(on: group, over: tls, access.logins?.authorization(for: host)) }
                    tasks.addTask {
                        try await Task.sleep(for: Self.patience)
                        return nil
                    }
                    defer { tasks.cancelAll() }
                    return try await tasks.next() ?? nil
                })
        } catch { answer = .failure(error) }
        try? await group.shutdownGracefully()
        do {
            guard let body = try answer.get() else {
                throw ScrapedPage.Fault(description: "no answer within \(Self.patience)")
            }
            return String(buffer: body)
        } catch  where "\(error)".contains("CERTIFICATE_VERIFY_FAILED") || error is NIOSSLExtraError {
            throw ScrapedPage.Fault(
                description:
                    "its certificate is not trusted for \(host): --ca-file names the authority, --insecure trusts any")
        }
    }

    private static func context(_ access: Access) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorities = access.authorities { configuration.trustRoots = .certificates(authorities) }
        if access.isInsecure { configuration.certificateVerification = .none }
        return try NIOSSLContext(configuration: configuration)
    }

    private func ask(
        on group: MultiThreadedEventLoopGroup, over tls: NIOSSLContext?, _ authorization: String?
    ) async throws -> ByteBuffer {
        // A certificate is for a name, or for the address that is connected to.
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        let client = try await ClientBootstrap(group: group).connectTimeout(.seconds(5))
            .connect(host: host, port: port) { [host] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
                    }
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var headers = HTTPHeaders([
            ("Host", host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"), ("Connection", "close"),
            ("Accept", "text/plain; version=0.0.4"),
        ])
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        return try await client.executeThenClose { [headers] inbound, outbound in
            do {
                try await outbound.write(
                    .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)))
                try await outbound.write(.end(nil))
            } catch {
                // Why the connection is closed stands where the answer would.
                for try await _ in inbound {}
                throw error
            }
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let head): try Self.check(head, isKnown: authorization != nil)
                case .body(let piece):
                    body.writeImmutableBuffer(piece)
                    guard body.readableBytes <= Self.limit else {
                        throw ScrapedPage.Fault(description: "the page is larger than \(Self.limit >> 20) MiB")
                    }
                case .end: return body
                }
            }
            throw ScrapedPage.Fault(description: "the answer breaks off")
        }
    }

    /// Refuses what is no page, and says what else to ask for.
    private static func check(_ head: HTTPResponseHead, isKnown: Bool) throws(ScrapedPage.Fault) {
        guard head.status.code == 200 else {
            var advice = ""
            if let place = head.headers.first(name: "location") { advice = ", at \(Spelling.quoted(place))" }
            if head.status == .unauthorized {
                advice = ": user and password \(isKnown ? "are others" : "stand in a file that --netrc-file names")"
            }
            throw ScrapedPage.Fault(
                description: "the answer is \(head.status.code) \(head.status.reasonPhrase.prefix(40))\(advice)")
        }
        let encoding = head.headers.first(name: "content-encoding") ?? "identity"
        guard encoding == "identity" else {
            throw ScrapedPage.Fault(description: "the page is compressed, though nobody asked for it")
        }
    }
}
