import Testing

@testable import SondeDaemon

@Suite("Reports without names")
struct NameMaskTests {
    private static let mask = NameMask([
        ("ro", "<role>"), ("hr", "<database 1>"), ("database", "<database 2>"), ("server", "<role>"),
        ("a\"b", "<role>"),
        ("db7.secret.example", "<host>"), ("/etc/acme", "<folder>"), ("the\nend", "<database 3>"),
        ("postgres", "<role>"),
    ])

    @Test(
        "names are replaced where they stand by themselves, once, and addresses of other machines with them",
        arguments: [
            (#"GRANT pg_monitor TO "ro""#, "GRANT pg_monitor TO <role>"),
            ("in database hr, from here", "in <database 2> <database 1>, from here"),
            ("chromium and three", "chromium and three"), ("<server 1> of <database 8>", "<server 1> of <database 8>"),
            (#"GRANT x TO "a""b""#, "GRANT x TO <role>"), (#"user a"b"#, "user <role>"),
            ("at db7.secret.example (10.1.2.3), port 5432", "at <host> (<address>), port 5432"),
            (#"at "x" (127.0.0.1), "y" (fe80::1:2)"#, #"at "x" (127.0.0.1), "y" (<address>)"#),
            ("local app fe80::1/128 and ::1", "local app <address>/128 and ::1"),
            ("at 13:31:24 on 17.10.1", "at 13:31:24 on 17.10.1"),
            ("/etc/acme/x.yaml:3:1: bad", "<folder>/x.yaml:3:1: bad"), ("the\nend, postgres", "<database 3>, postgres"),
            ("a::b", "a::b"), ("", ""),
        ])
    func masked(text: String, expected: String) {
        #expect(Self.mask.masked(text) == expected)
    }
}
