import Testing

@testable import SondeDaemon

@Suite("Values of libpq's keywords")
struct KeywordValuesTests {
    @Test(
        "what libpq would refuse only when it connects is told beforehand, without the value",
        arguments: [
            (
                "sslmode", "verify-fulll",
                "sslmode is not one of disable, allow, prefer, require, verify-ca, verify-full"
            ),
            ("sslmode", "verify-full", nil), ("ssl_min_protocol_version", "tlsv1.2", nil),
            (
                "ssl_min_protocol_version", "1.2",
                "ssl_min_protocol_version is not one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"
            ),
            ("connect_timeout", "10", nil), ("connect_timeout", "-1", nil), ("connect_timeout", "", nil),
            ("connect_timeout", "10s", "connect_timeout is not a whole number"),
            ("keepalives", "99999999999", "keepalives is not a whole number"), ("host", "anything", nil),
        ] as [(String, String, String?)])
    func values(keyword: String, value: String, problem: String?) {
        #expect(KeywordValues.problem(keyword, value) == problem)
    }

    @Test("each way to say a server is looked at")
    func everywhere() {
        let file = { (server: String) in
            told {
                _ = try ConfigurationFile(
                    Array("servers: [{name: a, \(server)}]".utf8), path: "f", parse: { _ in ["sslmode": "ful"] })
            }
        }
        let problem = "sslmode is not one of disable, allow, prefer, require, verify-ca, verify-full"
        #expect(file("dsn: x") == ["f:1:26: \(problem)"])
        #expect(file("libpq: {sslmode: bogus}") == ["f:1:38: \(problem)"])
    }
}
