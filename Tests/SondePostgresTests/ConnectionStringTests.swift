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
            "postgresql://user:S3cret@host:0/", "host=h S3cret=1", "password=S3 cret=1", "host=h password=S3 cret=1",
            "postgres://u:S3@x?cret=1@h/d", "postgres://u:S3/x?cret=1@h/d", "postgres://u:S3/x?cret=1",
            "postgres://h/d?password=S3&cret=1", "postgres://h/d?p%61ssword=S3&cret=1",
            "dbname=postgres://u:S3 cret=1@h/d",
            "host=h sslpassword=S3 cret=1", "postgres://u:S3cret@h/d?foo=S3cret", "host=h foo=S3cret password=S3cret",
            "postgresql://user:S3%00cret@host/", "S3\u{0}cret",
        ])
    func secrecy(text: String) throws {
        let error = try #require(throws: PostgresError.self) { try ConnectionString.parse(text) }
        #expect(!"\(error)".contains("S3"))
        #expect(!"\(error)".contains("cr"))
        #expect(error.errorClass == .other)
    }

    @Test(
        "a parameter that libpq does not know is named, where it cannot be a part of a secret",
        arguments: [
            ("postgres://h/d?foo=bar", true), ("postgresql://u:S3cret@h/d?sslmode=require&foo=1", true),
            ("postgres://?foo=foo", true), ("host=h foo=bar", true), ("host=h foo = 'b a' password=S3cret", true),
            ("host=h password=S3cret foo=bar", false), ("postgres://h/d?password=S3&foo=bar", false),
            ("postgres://u:S3@x?foo=1@h/d", false), ("host=h 4foo=1", false),
        ])
    func unknownParameters(text: String, isNamed: Bool) throws {
        let error = try #require(throws: PostgresError.self) { try ConnectionString.parse(text) }
        let named = #"invalid connection string: libpq does not know the parameter "foo""#
        #expect(error.message == named ? isNamed : !isNamed && error.message.contains("libpq cannot read it"))
    }
}
