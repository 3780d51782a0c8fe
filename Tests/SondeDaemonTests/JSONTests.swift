import Testing

@testable import SondeDaemon

@Test(
    "values are written as JSON",
    arguments: [
        (.null, "null"), (true, "true"), (3, "3"), (.number(0.5), "0.5"), (.number(2), "2"), (.number(.nan), "null"),
        (.number(nil), "null"), (.text(nil), "null"), (.number(1e300), "1e+300"), (.list([]), "[]"),
        (.object([]), "{}"),
        (.list([1, "a"]), "[1, \"a\"]"), ("a\"\\\n\t\u{1}\u{7F}é", #""a\"\\\n\t\u0001\u007fé""#),
        (
            .object([("a", 1), ("b", .list([.object([("c", .null)])]))]),
            "{\n  \"a\": 1,\n  \"b\": [\n    {\n      \"c\": null\n    }\n  ]\n}"
        ),
    ] as [(JSON, String)])
func jsonText(value: JSON, text: String) {
    #expect(value.document == text + "\n")
}
