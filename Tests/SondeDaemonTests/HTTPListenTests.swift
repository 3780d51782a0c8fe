import Glibc
import NIOCore
import Testing

@testable import SondeDaemon

@Suite("Listening")
struct HTTPListenTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    static let hasIPv6: Bool = {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, let address = try? SocketAddress(ipAddress: "::1", port: 0) else { return false }
        defer { close(descriptor) }
        return unsafe address.withSockAddr { unsafe bind(descriptor, $0, socklen_t($1)) } == 0
    }()

    /// A path for a socket that no other test has.
    private static func freePath() -> String {
        "/tmp/pgsonde-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    }

    @Test(
        "an address is read as it is meant",
        arguments: [
            (":9187", .tcp(host: "", port: 9_187)),
            ("*:9187", .tcp(host: "", port: 9_187)),
            ("0.0.0.0:0", .tcp(host: "0.0.0.0", port: 0)),
            ("[::1]:65535", .tcp(host: "::1", port: 65_535)),
            ("[::]:80", .tcp(host: "::", port: 80)),
            ("localhost:9187", .tcp(host: "localhost", port: 9_187)),
            ("unix:/run/pgsonde.sock", .unix(path: "/run/pgsonde.sock")),
            ("unix:///run/a b.sock", .unix(path: "/run/a b.sock")),
            ("unix:////run/a.sock", .unix(path: "//run/a.sock")),
        ] as [(String, Configuration.ListenAddress)])
    func address(_ text: String, _ expected: Configuration.ListenAddress) throws {
        #expect(try Configuration.ListenAddress.parse(text) == expected)
        #expect(try Configuration.ListenAddress.parse(expected.description) == expected)
    }

    @Test(
        "what is no address is explained",
        arguments: [
            ("", "it has no port"), ("9187", "write :9187"), ("localhost", "it has no port"), ("a:", "from 0 to 65535"),
            ("a:65536", "from 0 to 65535"), ("a:+1", "from 0 to 65535"), ("a:http", "from 0 to 65535"),
            ("::1:9187", "needs brackets"), ("[::1]", "write [ADDRESS]:PORT"), ("[a]:1", "brackets are for IPv6"),
            ("http://a:1", "HOST:PORT or unix:"), ("a b:1", "no spaces"), ("unix:run.sock", "absolute path"),
            ("unix:", "absolute path"), ("unix:/" + String(repeating: "x", count: 107), "more than 107 bytes"),
        ])
    func noAddress(_ text: String, _ reason: String) {
        let error = #expect(throws: ListenError.self) { try Configuration.ListenAddress.parse(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("all addresses means IPv6 and IPv4 where there are both")
    func allAddresses() async throws {
        try await HTTPTestServer.run([.tcp(host: "", port: 0)]) { server in
            guard case .tcp(let host, let port) = server.addresses[0] else { throw HTTPTestClient.Failure() }
            #expect(host == (Self.hasIPv6 ? "::" : "0.0.0.0"))
            for loopback in ["127.0.0.1"] + (Self.hasIPv6 ? ["::1"] : []) {
                let client = try HTTPTestClient(.tcp(host: loopback, port: port))
                try await client.send(Self.request)
                #expect(try await client.answer()?.status == 200)
            }
        }
    }

    @Test("several addresses are listened on, a name and IPv6 among them")
    func severalAddresses() async throws {
        let listeners = ["127.0.0.1", "localhost"] + (Self.hasIPv6 ? ["::1"] : [])
        try await HTTPTestServer.run(listeners.map { .tcp(host: $0, port: 0) }) { server in
            #expect(server.addresses.count == listeners.count)
            for address in server.addresses {
                let client = try HTTPTestClient(address)
                try await client.send(Self.request)
                #expect(try await client.answer()?.status == 200)
            }
        }
    }

    @Test("a Unix socket is for owner and group, and leaves no file")
    func unixSocket() async throws {
        let path = Self.freePath()
        try await HTTPTestServer.run([.unix(path: path)]) { server in
            var status = stat()
            #expect(unsafe lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            let client = try server.client()
            try await client.send(Self.request)
            #expect(try await client.answer()?.status == 200)
            await #expect(throws: ListenError.self) { try await HTTPTestServer.run([.unix(path: path)]) { _ in } }
            try await client.send(Self.request)
            #expect(try await client.answer()?.status == 200)
        }
        #expect(unsafe access(path, F_OK) != 0)
    }

    @Test("a socket file that nobody listens on any more is replaced")
    func staleSocket() async throws {
        let path = Self.freePath()
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: path)
        #expect(unsafe address.withSockAddr { unsafe bind(descriptor, $0, socklen_t($1)) } == 0)
        close(descriptor)
        #expect(unsafe access(path, F_OK) == 0)
        try await HTTPTestServer.run([.unix(path: path)]) { server in
            let client = try server.client()
            try await client.send(Self.request)
            #expect(try await client.answer()?.status == 200)
        }
    }

    @Test("a file that is no socket is left alone")
    func otherFile() async throws {
        let path = Self.freePath()
        close(unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600))
        defer { unsafe unlink(path) }
        await #expect(throws: ListenError.self) { try await HTTPTestServer.run([.unix(path: path)]) { _ in } }
        #expect(unsafe access(path, F_OK) == 0)
    }

    @Test("an address that cannot be had is named, with what to do")
    func failures() async throws {
        try await HTTPTestServer.run { server in
            let taken = server.addresses[0]
            let cases: [(Configuration.ListenAddress, String)] = [
                (taken, "the address is in use"),
                (.tcp(host: "192.0.2.1", port: 0), "no network interface of this machine"),
                (.tcp(host: "no such host", port: 0), "the host is not known"),
                (.unix(path: "/nowhere/at/all.sock"), "the directory does not exist"),
            ]
            for (address, reason) in cases {
                let error = await #expect(throws: ListenError.self) {
                    // A first one that can be bound must not stay.
                    try await HTTPTestServer.run([.tcp(host: "127.0.0.1", port: 0), address]) { _ in }
                }
                #expect(error?.description.hasPrefix("cannot listen on \(address): \(reason)") == true)
            }
        }
    }
}
