import Sonde
import Testing

@testable import SondeDaemon

@Suite("Versions as other exporters write them")
struct VersionRangesTests {
    @Test(
        "ranges become the first versions of texts",
        arguments: [
            (">=13.0.0", ["0 x"]), (">= 14", ["14 x"]), (">12", ["0 x"]), (">14", ["15 x"]), (">14.2.0", ["14.3 x"]),
            ("<17.0.0", ["0 x", "17 -"]), ("<=16", ["0 x", "17 -"]), ("<=16.4.0", ["0 x", "16.5 -"]),
            (">=14.0.0 <17.0.0", ["14 x", "17 -"]), (">=14,<15 || >=17", ["14 x", "15 -", "17 x"]),
            ("<14 || >=14", ["0 x"]), ("15", ["15 x", "16 -"]), ("15.x", ["15 x", "16 -"]),
            ("=15.3.0", ["15.3 x", "15.4 -"]),
            ("!15.x", ["0 x", "15 -", "16 x"]), ("~15", ["15 x", "16 -"]), ("~15.3", ["15.3 x", "15.4 -"]),
            ("^15.3", ["15.3 x", "16 -"]), ("14 - 16", ["14 x", "17 -"]), ("*", ["0 x"]),
            ("v16.1 || 17", ["16.1 x", "16.2 -", "17 x", "18 -"]),
        ])
    func ranges(text: String, eras: [String]) throws {
        let sql = try #require(VersionRanges.sql([(try VersionRanges(text), "x")], { $0[0] }))
        #expect(sql.eras.map { "\($0.since) \($0.text ?? "-")" } == eras)
    }

    @Test("versions before the oldest known one are none", arguments: ["<10.0.0", ">=9.4.0 <13.0.0", ">14 <14"])
    func none(text: String) throws {
        #expect(VersionRanges.sql([(try VersionRanges(text), "x")], { $0[0] }) == nil)
    }

    @Test(
        "what cannot be read says so",
        arguments: ["", "newest", ">=13 ||", "><13", ">=1.2.3.4", ">=99999999999999999999"])
    func mistakes(text: String) {
        #expect(throws: ValueProblem.self) { try VersionRanges(text) }
    }

    @Test("numbers of the server's kind are bounds, 0 for none")
    func numbers() {
        #expect(
            VersionRanges.sql([(VersionRanges(from: 140_000, to: 170_000), "x")], { $0[0] })?.eras.map(\.since) == [
                14, 17,
            ])
        #expect(VersionRanges.sql([(VersionRanges(from: 100_000, to: 0), "x")], { $0[0] })?.everywhere == "x")
        #expect(VersionRanges.sql([(VersionRanges(from: 90_600, to: 120_000), "x")], { $0[0] }) == nil)
    }
}
