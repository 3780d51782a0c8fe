import Sonde
import Testing

@Suite("Versions")
struct VersionTests {
    @Test(
        "are read from text",
        arguments: [
            ("17", 17, 0), ("17.4", 17, 4), ("1.10", 1, 10), ("3.4.2", 3, 4), ("2.0.0-dev", 2, 0), ("1.5beta2", 1, 5),
            ("0.9", 0, 9),
        ])
    func text(text: String, major: Int, minor: Int) {
        #expect(Version(text) == Version(major, minor))
    }

    @Test("are not read from other text", arguments: ["", "x", ".1", "-1", "18beta1", " 17", "unpackaged"])
    func noText(text: String) {
        #expect(Version(text) == nil)
    }

    @Test("are compared number by number")
    func order() {
        let versions: [Version] = [0, "0.9", 1, "1.9", "1.10", 9, 13, "16.9", 17, "17.4", 18]
        #expect(versions.shuffled().sorted() == versions)
    }

    @Test("are read from libpq's form", arguments: [(170_004, "17.4"), (130_000, "13"), (180_011, "18.11")])
    func serverNumber(number: Int, description: String) {
        #expect(Version(serverNumber: number).description == description)
    }

    @Test("of SQL: the latest text that is not newer holds")
    func eras() {
        let sql: SQL = [17: nil, 13: "a", 15: "b"]
        #expect(
            [12, 13, 14, 15, 16, 17, 18].map { sql.text(for: Version($0)) } == [nil, "a", "a", "b", "b", nil, nil])
        #expect(sql.text(for: "16.9") == "b")
        #expect(sql.everywhere == nil)
        #expect(SQL("x").everywhere == "x")
        #expect(("x" as SQL).text(for: 0) == "x")
        #expect(([13: "x"] as SQL).everywhere == nil)
    }
}
