import Synchronization
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
        "a server has the name that postgres_exporter gives it",
        arguments: [
            ("postgresql://u:p@localhost:55432/?sslmode=disable", "localhost:55432"),
            ("postgres://u:p%3D@db1/x", "db1:5432"), ("postgresql://:7/x", "localhost:7"),
            ("postgresql:///x?host=/run/postgresql", "/run/postgresql:5432"),
            ("postgresql:///x?host=%2Frun%2Fpostgresql&port=7", "/run/postgresql:7"),
            ("postgresql://u@/x", "localhost:5432"), ("postgresql://u:a@b@db1:7", "db1:7"),
            ("postgresql://[::1]:7/x", "::1:7"), ("postgresql://[::1]", "::1:5432"),
            ("postgresql://db1/x?port=7", "db1:7"), ("postgresql://a,b/x", "a,b:5432"), ("postgresql://a:1,b:2/x", nil),
            ("port=1234", "localhost:1234"), ("host=example", "example:5432"),
            ("host=/run/postgresql user=x", "/run/postgresql:5432"), ("host='db1' port=\"7\"", "db1:7"),
            ("host=a host=b", "b:5432"), ("hostaddr=10.0.0.1 service=x", "localhost:5432"), ("host= user=x", ":5432"),
            ("xyz", nil), ("host = a", nil), ("user='a b'", nil),
        ] as [(String, String?)])
    func fingerprints(_ text: String, _ name: String?) {
        #expect(ServerName.fingerprint(of: text) == name)
    }

    @Test(
        "what postgres_exporter's driver takes and libpq does not is heeded or named, in strings of both forms",
        arguments: [
            ("host=h dbname=d", ["host": "h", "dbname": "d"], []),
            (
                "host=h statement_timeout=5s options=-cjit=off binary_parameters=yes TimeZone='Europe/Berlin'",
                ["host": "h", "options": "-cjit=off -c statement_timeout=5s"], ["binary_parameters", "timezone"]
            ),
            (
                #"search_path = 'a b, c' host = 'h' role=it\'s work_mem='8\\MB'"#,
                ["host": "h", "options": #"-c search_path=a\ b,\ c -c role=it's -c work_mem=8\\MB"#], []
            ),
            (
                "host=h database=d client_encoding=UTF-8 sslinline=no", ["host": "h", "dbname": "d"],
                ["client_encoding"]
            ),
            ("host=h geqo=off", ["host": "h", "options": "-c geqo=off"], []),
            ("lock_timeout=100", ["options": "-c lock_timeout=100"], []),
        ] as [(String, [String: String], [String])])
    func driverParameters(_ text: String, _ keywords: [String: String], _ ignored: [String]) throws {
        let read = try DriverParameters.read(text) { rest in
            try plainKeywords(rest.replacing("'h'", with: "h").replacing(" = ", with: "="))
        }
        #expect(read.keywords == keywords)
        #expect(read.ignored == ignored)
    }

    @Test(
        "a URI keeps what is libpq's, and user and password are looked into for nothing",
        arguments: [
            (
                "postgresql://u:p@h/d?sslmode=disable&statement_timeout=5000&connect_timeout=3&krbspn=x",
                "postgresql://u:p@h/d?sslmode=disable&connect_timeout=3", "-c statement_timeout=5000"
            ),
            ("postgres://h?search_path=a%2Cb%20c", "postgres://h", #"-c search_path=a,b\ c"#),
            ("postgresql://u:a?role=x@h/d", "postgresql://u:a?role=x@h/d", nil),
            ("postgresql://h/d?", "postgresql://h/d?", nil),
            (
                "postgresql://h/d?secret=1&client_encoding=LATIN1", "postgresql://h/d?secret=1&client_encoding=LATIN1",
                nil
            ),
        ] as [(String, String, String?)])
    func driverParametersOfURIs(_ text: String, _ rest: String, _ options: String?) throws {
        let seen = Mutex("")
        let read = try DriverParameters.read(text) { rest in
            seen.withLock { $0 = rest }
            return [:]
        }
        #expect(seen.withLock { $0 } == rest)
        #expect(read.keywords["options"] == options)
    }

    @Test(
        "certificates within a connection string are refused without a word of theirs, and what is no string is left to libpq"
    )
    func driverParametersRefused() {
        let told = told { _ = try DriverParameters.read("sslkey=geheim sslinline=true", by: { _ in [:] }) }
        #expect(told.count == 1 && told[0].hasPrefix("sslinline: ") && !told[0].contains("geheim"))
        for text in ["work_mem='x", "work_mem", "work_mem x=1", "geheim work_mem=1"] {
            let read = try? DriverParameters.read(text) { ["rest": $0] }
            #expect(read?.keywords == ["rest": text])
        }
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
