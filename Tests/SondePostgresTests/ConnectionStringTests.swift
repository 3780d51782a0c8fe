import SondePostgres
import Testing

struct ConnectionStringTests {
    @Test(
        "URIs and pairs become keywords",
        arguments: [
            (
                "postgresql://u:p%40ss%2F@h:5433/d?sslmode=require",
                ["user": "u", "password": "p@ss/", "host": "h", "port": "5433", "dbname": "d", "sslmode": "require"]
            ),
            ("postgres:///d?host=/run/postgresql", ["dbname": "d", "host": "/run/postgresql"]),
            ("postgresql://[::1]:1/", ["host": "::1", "port": "1"]),
            (
                "postgresql://a:1,b:2/?target_session_attrs=primary",
                ["host": "a,b", "port": "1,2", "target_session_attrs": "primary"]
            ),
            (#"host=h password='it\'s \\ a'"#, ["host": "h", "password": #"it's \ a"#]),
            ("user=日本 password=🔑", ["user": "日本", "password": "🔑"]),
            ("postgresql://u:a?b@h/", ["user": "u", "password": "a?b", "host": "h"]),
            ("", [:]),
        ])
    func parsing(text: String, expected: [String: String]) throws {
        #expect(try ConnectionString.parse(text) == expected)
    }

    @Test(
        "an error shows no part of the text",
        arguments: [
            "postgresql://user:S3cr@t@host/d", "postgresql://user:S3/cret@host",
            "postgresql://user:S3cret%zz@host/d", "password='S3cret", "password=S3 cret", "S3cret",
            "postgresql://user:S3cret@host:0/", "host=h S3cret=1", "postgresql://user:S3%00cret@host/", "S3\u{0}cret",
        ])
    func secrecy(text: String) throws {
        let error = try #require(throws: PostgresError.self) { try ConnectionString.parse(text) }
        #expect(!"\(error)".contains("S3"))
        #expect(!"\(error)".contains("cr"))
        #expect(error.errorClass == .other)
    }
}
