import Testing

@testable import SondeDaemon

@Test(
    "text from databases is harmless in HTML",
    arguments: [
        ("a b", "a b"), ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"), ("a & b", "a &amp; b"), ("\u{1}\u{1B}[0m", "  [0m"),
        ("é😀", "é😀"),
    ])
func escaping(text: String, html: String) {
    #expect(Landing.escape(text) == html)
}
