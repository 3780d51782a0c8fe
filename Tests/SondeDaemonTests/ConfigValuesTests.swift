import Testing

@testable import SondeDaemon

@Suite("Values that the user writes")
struct ConfigValuesTests {
    @Test(
        "durations are whole numbers with units, the longest first",
        arguments: [
            ("15s", Duration.seconds(15)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)),
            ("1h", .seconds(3_600)),
            ("1d", .seconds(86_400)), ("1m30s", .seconds(90)), ("1d2h3m4s5ms6us7ns", .nanoseconds(93_784_005_006_007)),
            ("0s", .zero), ("366d", .seconds(366 * 86_400)), ("010s", .seconds(10)),
        ])
    func durations(_ text: String, _ duration: Duration) throws {
        #expect(try DurationText.parse(text) == duration)
    }

    @Test(
        "a written duration reads back as the same",
        arguments: [0, 1, 999, 1_000, 86_400_000_000_000, 93_784_005_006_007])
    func roundTrip(_ nanoseconds: Int64) throws {
        let duration = Duration.nanoseconds(nanoseconds)
        #expect(try DurationText.parse(DurationText.text(duration)) == duration)
    }

    @Test(
        "what is no duration is told how to look",
        arguments: [
            "", " ", "s", "15 s", " 15s", "15s ", "-1s", "+1s", "1.5s", "1S", "1min", "1s1s", "1s1m", "1sm", "1w",
            "\u{661}s", "∞",
        ])
    func noDurations(_ text: String) {
        #expect(
            problem { _ = try DurationText.parse(text) }
                == "\(Spelling.quoted(text)) is not a duration: write whole numbers with units, as in 15s, 500ms, 1m30s or 1d"
        )
    }

    @Test(
        "durations without a unit or beyond a year are told so",
        arguments: [
            ("15", "\"15\" has no unit: write 15s for seconds"),
            ("1m30", "\"1m30\" has no unit: write 30s for seconds"),
            ("367d", "\"367d\" is too long: the longest duration is 366d"),
            ("9223372036854775807ns", "\"9223372036854775807ns\" is too long: the longest duration is 366d"),
            ("99999999999999999999s", "\"99999999999999999999s\" is too long: the longest duration is 366d"),
            ("9223372036854775807d", "\"9223372036854775807d\" is too long: the longest duration is 366d"),
        ])
    func wrongDurations(_ text: String, _ expected: String) {
        #expect(problem { _ = try DurationText.parse(text) } == expected)
    }

    @Test(
        "the nearest name is suggested, but not a strange one",
        arguments: [
            ("hots", "host"), ("pasword_file", "password_file"), ("Host", "host"), ("password-file", "password_file"),
            ("por", "port"), ("prot", "port"), ("x", nil), ("", nil), ("completely_else", nil),
            (String(repeating: "host", count: 1_000), nil),
        ] as [(String, String?)])
    func nearest(_ word: String, _ name: String?) {
        #expect(Spelling.nearest(word, among: ["host", "port", "password_file", "dbname"]) == name)
    }

    @Test("a text of the user's is shown on one line, short and without control characters")
    func quoted() {
        #expect(Spelling.quoted("a\nb\u{1B}[31m\u{202E}") == "\"a\u{FFFD}b\u{FFFD}[31m\u{FFFD}\"")
        #expect(Spelling.quoted(String(repeating: "x", count: 100)) == "\"\(String(repeating: "x", count: 60))…\"")
    }

    @Test(
        "a server without a name is called by host and port",
        arguments: [
            ([:], [:], "localhost:5432"),
            (["host": "db1"], [:], "db1:5432"),
            (["host": "db1", "port": "6432", "user": "u", "password": "geheim"], [:], "db1:6432"),
            (["host": "/var/run/postgresql", "port": "5433"], [:], "localhost:5433"),
            (["host": "@abstract"], [:], "localhost:5432"),
            (["host": "fd00::1"], [:], "[fd00::1]:5432"),
            (["hostaddr": "10.0.0.1"], [:], "10.0.0.1:5432"),
            (["host": "db1", "hostaddr": "10.0.0.1"], [:], "db1:5432"),
            (["host": "a,b"], [:], "a:5432,b:5432"),
            (["host": "a,b", "port": "1"], [:], "a:1,b:1"),
            (["host": "a,b", "port": "1,"], [:], "a:1,b:5432"),
            (["service": "prod"], [:], "prod"),
            ([:], ["PGSERVICE": "prod"], "prod"),
            ([:], ["PGHOST": "db1", "PGPORT": "7"], "db1:7"),
            (["host": "db2"], ["PGHOST": "db1", "PGPORT": "7"], "db2:7"),
            ([:], ["PGHOST": "", "PGPORT": ""], "localhost:5432"),
        ] as [([String: String], [String: String], String)])
    func names(_ keywords: [String: String], _ environment: [String: String], _ name: String) {
        #expect(ServerName.ofServer(with: keywords, environment: environment) == name)
    }

    @Test(
        "commas part connection strings only where the next one begins",
        arguments: [
            ("", []),
            (" , ", [","]),
            ("postgresql://a/x", ["postgresql://a/x"]),
            ("postgresql://a:1,b:2/x", ["postgresql://a:1,b:2/x"]),
            ("postgresql://a,b/x,postgres://c,d/y", ["postgresql://a,b/x", "postgres://c,d/y"]),
            ("postgresql://u:p,w@a/x , host=b user=c", ["postgresql://u:p,w@a/x", "host=b user=c"]),
            ("postgresql://u:it's@a/x,postgresql://b", ["postgresql://u:it's@a/x", "postgresql://b"]),
            ("host=a,b port=1,2 user=x", ["host=a,b port=1,2 user=x"]),
            ("host=a,b user=x,host=c", ["host=a,b user=x", "host=c"]),
            ("user=x host = a, user = y", ["user=x host = a", "user = y"]),
            ("host=a password='x,host=b',host=c", ["host=a password='x,host=b'", "host=c"]),
            (#"host=a password='it\',host=b',host=c"#, [#"host=a password='it\',host=b'"#, "host=c"]),
            (#"host=a password=it\'s,host=c"#, [#"host=a password=it\'s"#, "host=c"]),
            ("host=a password=x,y=z", ["host=a password=x,y=z"]),
            ("host=a,", ["host=a,"]),
        ])
    func dataSourceNames(_ text: String, _ parts: [String]) {
        #expect(DataSourceName.split(text) == parts)
    }

    private func problem(_ body: () throws -> Void) -> String? {
        told(body).first
    }
}
