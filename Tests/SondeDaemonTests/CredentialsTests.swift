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

    @Test("a command does not see the passwords that other servers have in variables")
    func withheld() async throws {
        var server = Configuration.Server(name: "a")
        server.passwordCommand = ["/bin/sh", "-c", "echo \"${PATH:+p}${LANG-none}\""]
        server.withheldVariables = ["LANG", "NO_SUCH_VARIABLE"]
        #expect(try await Credentials.password(of: server) == "pnone")
    }
}
