import Testing

@testable import SondeDaemon

@Suite("Configuration of outputs")
struct ConfigOutputsTests {
    @Test(
        "an output runs where its key is there",
        arguments: [
            ("", nil), ("outputs:", nil), ("outputs: {}", nil), ("outputs: {ffwd: }", Configuration.FFWD()),
            ("outputs: {ffwd: {}}", Configuration.FFWD()),
            ("outputs: {ffwd: {port: 1}}", Configuration.FFWD(port: 1)),
            (
                "outputs: {ffwd: {host: ffwd.example.com, port: 19001, key: pg}}",
                Configuration.FFWD(host: "ffwd.example.com", port: 19_001, key: "pg")
            ),
        ] as [(String, Configuration.FFWD?)])
    func outputs(text: String, expected: Configuration.FFWD?) throws {
        let file = try ConfigurationFile(Array(text.utf8), path: "/a.yaml", parse: plainKeywords)
        #expect(file.configuration.ffwd == expected)
    }

    @Test(
        "each mistake is told with its place",
        arguments: [
            ("outputs: [ffwd]", "1:10: outputs is a list where a mapping is needed: write keys and values, one a line"),
            ("outputs:\n  fwd: {}", "2:3: unknown key \"fwd\" in outputs: did you mean \"ffwd\"?"),
            (
                "outputs:\n  ffwd: localhost",
                "2:9: ffwd is a text where a mapping is needed: write keys and values, one a line"
            ),
            ("outputs:\n  ffwd: {prt: 1}", "2:10: unknown key \"prt\" in ffwd: did you mean \"port\"?"),
            ("outputs:\n  ffwd: {port: 0}", "2:16: port is \"0\": write a whole number from 1 to 65535"),
            ("outputs:\n  ffwd: {host: ''}", "2:16: host is empty: write a text, or remove the key"),
            ("outputs:\n  ffwd: {key: [a]}", "2:15: key is a list where a text is needed: write one"),
        ])
    func mistakes(text: String, expected: String) {
        let found = told { _ = try ConfigurationFile(Array(text.utf8), path: "/a.yaml", parse: plainKeywords) }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("/a.yaml:\(expected)") == true, "\(found)")
    }
}
