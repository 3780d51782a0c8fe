import NIOHTTP1
import Testing

@testable import SondeDaemon

@Suite("Asking for a page")
struct PageRequestTests {
    @Test(
        "a page is asked for at an address",
        arguments: [
            "http://", "http://:80/x", "http://a:b/", "http://u@h/", "https://u:geheim@h/", "https://h:99999/",
            "http://a b/", "http://h/x\r\nX: y", "https://",
        ])
    func addresses(url: String) {
        let fault = #expect(throws: ScrapedPage.Fault.self) { try PageRequest(url) }
        #expect(fault?.description.contains("geheim") == false)
    }

    @Test("over TLS only who is trusted is asked")
    func secure() async throws {
        var web: WebConfiguration?
        var access = PageRequest.Access()
        try withWeb("tls_server_config: {cert_file: server.crt, key_file: server.key}\n") { folder in
            web = try WebConfigurationFile.read("\(folder)/web.yml")
            access.authorities = try PageRequest.Access.certificates(in: "\(folder)/server.crt")
            #expect(throws: FileProblems.self) {
                try PageRequest.Access.certificates(in: "\(folder)/server.key")
            }
        }
        let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { _ in .text(.ok, "pg_a 1") }
        try await HTTPTestServer.run(security: WebGuard(web), handler: handler) { [access] server in
            guard case .tcp(_, let port) = server.addresses[0] else { return }
            for host in ["localhost", "127.0.0.1"] {
                let request = try PageRequest("https://\(host):\(port)/metrics")
                for access in [access, .init(isInsecure: true)] {
                    let page = try await request.text(access)
                    #expect(page == "pg_a 1\n")
                }
                let fault = await #expect(throws: ScrapedPage.Fault.self) { try await request.text() }
                #expect(fault?.description.contains("is not trusted for \(host)") == true)
            }
        }
    }

    @Test("an answer that is no page is told, and where it may be instead")
    func answers() async throws {
        let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { request in
            switch request.path {
            case "/moved": .text(.movedPermanently, "", headers: ["Location": "https://other/metrics"])
            case "/guarded" where request.headers.first(name: "authorization") == nil: .text(.unauthorized, "")
            case "/packed": .text(.ok, "", headers: ["Content-Encoding": "gzip"])
            default: .text(.ok, "pg_a 1")
            }
        }
        try await HTTPTestServer.run(handler: handler) { server in
            guard case .tcp(let host, let port) = server.addresses[0] else { return }
            let url = "http://\(host):\(port)"
            let page = try await PageRequest(url).text()
            #expect(page == "pg_a 1\n")
            for (path, words) in [
                ("moved", "301 Moved Permanently, at \"https://other/metrics\""),
                ("guarded", "401 Unauthorized: user and password stand in a file that --netrc-file names"),
                ("packed", "compressed"),
            ] {
                let fault = await #expect(throws: ScrapedPage.Fault.self) {
                    try await PageRequest("\(url)/\(path)").text()
                }
                #expect(fault?.description.contains(words) == true, "\(path)")
            }
            let access = PageRequest.Access(logins: NetrcFile("machine \(host) login u password p"))
            let guarded = try await PageRequest("\(url)/guarded").text(access)
            #expect(guarded == "pg_a 1\n")
        }
    }
}
