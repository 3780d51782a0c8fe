import Glibc
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("Passwords from elsewhere")
struct CredentialsTests {
    @Test(
        "a command that fails says how, what to do, and nothing that it printed",
        arguments: [
            (["/bin/sh", "-c", "echo geheim; echo geheim >&2; exit 3"], "ended with 3", "it is to end with 0"),
            (["/bin/sh", "-c", "echo geheim; kill -9 $$"], "was ended by signal 9", "it is to end with 0"),
            (["/bin/sh", "-c", "echo; echo geheim"], "printed no password", "the first line that it prints"),
            (["/bin/sh", "-c", "yes geheim | head -c 100000"], "cannot be run, or prints more", "whole path"),
            (["/no/such/program"], "cannot be run", "whole path"), (["no-such-program"], "cannot be run", "whole path"),
        ])
    func command(words: [String], reason: String, advice: String) async throws {
        var server = Configuration.Server(name: "a")
        server.passwordCommand = words
        do {
            _ = try await Credentials.password(of: server)
            Issue.record("there is a password")
        } catch let error as PostgresError {
            let text = error.description
            #expect(error.errorClass == .auth && error.message.contains("\(words[0]) \(reason)"), "\(text)")
            #expect(error.hint?.contains(advice) == true, "\(text)")
            #expect(!text.contains("geheim"))
            let mends = Remedy(server).mends(of: error)
            #expect(mends.count == 1 && mends[0].contains(advice), "\(mends)")
        }
    }

    @Test("the first line of a command is the password")
    func firstLine() async throws {
        var server = Configuration.Server(name: "a")
        server.passwordCommand = ["/bin/sh", "-c", "printf 'ge heim\\r\\nmore\\n'"]
        #expect(try await Credentials.password(of: server) == "ge heim")
    }

    @Test(
        "a file whose first line is no password says why, and nothing of what is in it",
        arguments: [
            (Array("caf".utf8) + [0xE9, 10], "is no text in UTF-8"),
            (Array(repeating: 120, count: 8_193), "has more than 8192 bytes"),
        ] as [([UInt8], String)])
    func file(bytes: [UInt8], reason: String) async throws {
        let path = "/tmp/pgsonde-password-\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer {
            close(descriptor)
            unsafe unlink(path)
        }
        try #require(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
        var server = Configuration.Server(name: "a")
        server.passwordFile = path
        let error = await #expect(throws: PostgresError.self) { try await Credentials.password(of: server) }
        #expect(error?.errorClass == .auth && error?.message == "the first line of the password file \(path) \(reason)")
    }

    @Test("a command does not see the passwords that other servers have in variables")
    func withheld() async throws {
        var server = Configuration.Server(name: "a")
        server.passwordCommand = ["/bin/sh", "-c", "echo \"${PATH:+p}${LANG-none}\""]
        server.withheldVariables = ["LANG", "NO_SUCH_VARIABLE"]
        #expect(try await Credentials.password(of: server) == "pnone")
    }
}
