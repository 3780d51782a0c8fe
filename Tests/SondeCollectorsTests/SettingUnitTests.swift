import SondeCollectors
import Testing

@Suite("Units of settings")
struct SettingUnitTests {
    @Test(
        "are read as PostgreSQL spells them",
        arguments: [
            ("B", 16_777_216, 16_777_216), ("kB", 4_096, 4_194_304), ("8kB", 16_384, 134_217_728), ("32kB", 2, 65_536),
            ("MB", 1_024, 1_073_741_824), ("16MB", 5, 83_886_080), ("1MB", 3, 3_145_728), ("GB", 1, 1_073_741_824),
            ("TB", 1, 1_099_511_627_776), ("8kB", 0, 0), ("kB", -1, -1), ("8kB", -1, -1),
        ])
    func sizes(unit: String, setting: Double, value: Double) throws {
        let unit = try #require(SettingUnit(unit))
        #expect(unit.base == .bytes)
        #expect(unit.base(setting) == value)
    }

    @Test(
        "of time become seconds",
        arguments: [
            ("us", 250.0, 0.00025), ("ms", 200, 0.2), ("ms", 60_000, 60), ("s", 300, 300), ("min", 5, 300),
            ("h", 2, 7_200),
            ("d", 1, 86_400), ("ms", -1, -1), ("s", -1, -1), ("min", -1, -1), ("ms", 0, 0),
        ])
    func times(unit: String, setting: Double, value: Double) throws {
        let unit = try #require(SettingUnit(unit))
        #expect(unit.base == .seconds)
        #expect(unit.base(setting) == value)
    }

    @Test(
        "that are not known are not guessed at",
        arguments: [
            "", "8", "0kB", "-8kB", "+8kB", "8 kB", " kB", "kB ", "KB", "kb", "Kb", "mb", "PB", "kBps", "8.5kB",
            "8e3kB", "0x8kB", "８kB",
            "S", "sec", "m", "M", "Min", "mins", "ms/s", "%", "xacts", "1234567890kB",
            "99999999999999999999999999999999kB", "kB\u{301}",
            "kB\u{0}", "🐘", "\u{202E}Bk",
        ])
    func unknown(unit: String) {
        #expect(SettingUnit(unit) == nil)
    }

    @Test("in any spelling neither trap nor give what is no number")
    func fuzz() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "8", "0", "16", "999999999", "k", "K", "M", "B", "m", "s", "in", "h", "d", "u", " ", "-", ".", "é",
            "\u{301}", "\n",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                pieces[.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            guard let unit = SettingUnit(text) else { continue }
            #expect(unit.base(2_147_483_647).isFinite, "\(text)")
            #expect(unit.base(-1) == -1, "\(text)")
        }
    }
}
