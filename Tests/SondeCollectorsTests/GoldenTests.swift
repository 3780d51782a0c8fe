import SondeTesting
import Testing

@Suite("Golden texts")
struct GoldenTests {
    static let page = """
        # HELP a_size_bytes Size (a.size)
        # TYPE a_size_bytes gauge
        a_size_bytes{datname="one",relname="}\\" \\\\"} 1
        a_size_bytes{datname="two",relname="\u{301}x"} 2
        # HELP a_up Up (a.up)
        # TYPE a_up gauge
        a_up 1

        """

    @Test("hold names, types, help and labels, and no value")
    func text() {
        #expect(
            Golden.text(of: Self.page) == """
                # HELP a_size_bytes Size (a.size)
                # TYPE a_size_bytes gauge
                a_size_bytes{datname,relname}
                # HELP a_up Up (a.up)
                # TYPE a_up gauge
                a_up{}

                """)
    }

    @Test("show what is gone and what is new")
    func difference() {
        let old = Golden.text(of: Self.page)
        #expect(Golden.difference(from: old, to: old) == [])
        let new = Golden.text(of: Self.page.replacing("a_up 1", with: "a_up{mode=\"x\"} 1"))
        #expect(Golden.difference(from: old, to: new) == ["- a_up{}", "+ a_up{mode}"])
    }
}
