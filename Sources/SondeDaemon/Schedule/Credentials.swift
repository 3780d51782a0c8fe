import Glibc
import SondePostgres
import Subprocess
import SystemPackage

/// Reads a server's password anew for each connect, so that a rotated one works without a restart.
enum Credentials {
    /// The time that a password command may take.
    static let patience = Duration.seconds(5)
    /// The most bytes of a password.
    private static let limit = 8_192

    /// The password.
    ///
    /// - Parameters:
    ///   - server: where to connect.
    ///   - variable: looks up a variable of the environment.
    /// - Returns: nil where libpq finds one by itself, or needs none.
    /// - Throws: a `PostgresError` of class `auth` where the file cannot be read or the command fails; it never holds what they said.
    static func password(
        of server: Configuration.Server, variable: (String) -> String? = Environment.variable
    ) async throws -> String? {
        if let words = server.passwordCommand {
            return try await output(of: words, without: server.withheldVariables)
        }
        if let name = server.passwordVariable {
            guard let password = variable(name) else {
                throw PostgresError(.auth, message: "the variable \(name) that password_env names is not set")
            }
            return password
        }
        var path = server.passwordFile
        if let name = server.passwordCredential {
            guard let folder = variable("CREDENTIALS_DIRECTORY") else {
                throw PostgresError(
                    .auth,
                    message: "there is no credential \(name): systemd hands it over by LoadCredential= in the unit")
            }
            path = "\(folder)/\(name)"
        }
        guard let path else { return nil }
        return try await contents(of: path)
    }

    /// The first line of a file, which may be where nobody answers: it is read on a thread that nobody else waits for.
    private static func contents(of path: String) async throws -> String {
        let result = await Guest.run(within: patience) {
            Result { () throws(PostgresError) in try read(path) }
        } late: {
        }
        guard let result else {
            throw PostgresError(.auth, message: "the password file \(path) was not read within \(patience)")
        }
        return try result.get()
    }

    private static func read(_ path: String) throws(PostgresError) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: limit)
        // A pipe gives what it has so far.
        while bytes.count <= limit, !bytes.contains(UInt8(ascii: "\n")) {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return try firstLine(bytes, of: "the password file \(path)")
    }

    private static func unreadable(_ path: String) -> PostgresError {
        PostgresError(.auth, message: "cannot read the password file \(path): \(BoundedFile.reason(errno))")
    }

    private static func firstLine(_ bytes: [UInt8], of what: String) throws(PostgresError) -> String {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard line.count <= limit else {
            throw PostgresError(.auth, message: "the first line of \(what) has more than \(limit) bytes")
        }
        guard let password = String(validating: line, as: UTF8.self) else {
            throw PostgresError(.auth, message: "the first line of \(what) is no text in UTF-8")
        }
        return password
    }

    private static func output(of words: [String], without variables: Set<String>) async throws -> String {
        let name = words.first ?? ""
        let failed: @Sendable (String, String) -> PostgresError = { reason, advice in
            PostgresError(.auth, message: "the password command \(name) \(reason)", hint: advice)
        }
        var options = PlatformOptions()
        // Of its own process group, so that its children can be ended with it.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]
        let executable: Executable = name.contains("/") ? .path(FilePath(name)) : .name(name)
        let arguments = Subprocess.Arguments(Array(words.dropFirst()))
        var changes: [Subprocess.Environment.Key: String?] = [:]
        for name in variables { changes.updateValue(nil, forKey: .init(stringLiteral: name)) }
        let environment = Subprocess.Environment.inherit.updating(changes)
        return try await withThrowingTaskGroup(of: String?.self) { [options] group in
            group.addTask {
                let result = try await run(
                    executable, arguments: arguments, environment: environment, platformOptions: options,
                    output: .bytes(limit: limit),
                    error: .discarded)
                let trial = "run it as the user that pgsonde runs as, and under systemd as its unit allows:"
                switch result.terminationStatus {
                case .exited(0): break
                case .exited(let code): throw failed("ended with \(code)", "\(trial) it is to end with 0")
                case .signaled(let signal):
                    throw failed("was ended by signal \(signal)", "\(trial) it is to end with 0")
                }
                let password = try firstLine(result.standardOutput, of: "what the password command \(name) prints")
                guard !password.isEmpty else {
                    throw failed("printed no password", "\(trial) the first line that it prints is to be the password")
                }
                return password
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            do {
                guard let first = try await group.next(), let password = first else {
                    throw failed(
                        "did not end within \(patience)",
                        "have it answer faster, or something else write the password into a file for password_file")
                }
                return password
            } catch let error as PostgresError {
                throw error
            } catch {
                throw failed(
                    "cannot be run, or prints more than \(limit) bytes",
                    "name it by its whole path; the user that pgsonde runs as must be allowed to run it")
            }
        }
    }
}
