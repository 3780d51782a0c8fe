import Testing

@testable import SondePostgres

struct PostgresErrorTests {
    @Test(
        "texts become one clean line",
        arguments: [
            ("a\nb\r\n\tc", "a b c"), ("\u{1B}[31mred\u{7}", "[31mred"), ("  x  ", "x"), ("a\u{0}b", "a b"),
            ("ü\u{85}ü\u{2028}\u{202E}ü", "ü ü ü"), ("", ""),
        ])
    func cleaning(text: String, expected: String) {
        #expect(PostgresError.clean(text) == expected)
    }

    @Test("a text is cut at a character")
    func length() {
        let text = PostgresError.clean(String(repeating: "ü", count: 5_000))
        #expect(text.utf8.count <= 2_003)
        #expect(text.hasSuffix("ü…"))
    }

    @Test("secrets are taken out, also where cleaning changed them", arguments: ["hunter22", "hun\tter 22"])
    func secrets(secret: String) {
        let error = PostgresError(.other, message: "x \(secret) y", detail: secret, hint: "\(secret)\(secret)")
        #expect(error.without(secrets: [secret]).description == "x *** y; ***; hint: ******")
    }

    @Test("the description has all there is")
    func description() {
        let error = PostgresError(
            .undefined, sqlstate: "42703", message: "no column", detail: "d", hint: "h", position: 8, collector: "c")
        #expect(error.description == "c: no column (SQLSTATE 42703) at character 8; d; hint: h")
    }
}
