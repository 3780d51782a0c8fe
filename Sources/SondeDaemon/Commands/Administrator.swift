import Sonde
import SondePostgres
import Synchronization

/// A session of somebody who may change roles, for `pgsonde prepare-db`.
struct Administrator: Sendable {
    private static let patience = Duration.seconds(10)
    /// What takes longer waits for somebody's lock.
    private static let longest = Duration.seconds(60)

    /// What the server said beside results.
    private final class Heard: Sendable {
        private let notices = Mutex<[Notice]>([])

        func hear(_ notice: Notice) {
            notices.withLock { $0.append(notice) }
        }

        func take() -> [Notice] {
            notices.withLock { notices in
                defer { notices = [] }
                return notices
            }
        }
    }

    private let keywords: [String: String]
    private let connection: Connection
    private let heard = Heard()

    /// Logs in as libpq's keywords say, and asks for a password at the terminal where one is needed and nothing else has it.
    ///
    /// - Throws: why it cannot.
    init(_ keywords: [String: String]) async throws {
        do {
            (self.keywords, connection) = (keywords, try await Self.open(keywords, heard))
        } catch let error as PostgresError where Self.isMissingPassword(error) && keywords["password"] == nil {
            let name = keywords["user"].map { "user \(Spelling.quoted($0))" } ?? "the administrator"
            guard let password = PasswordPrompt.ask("Password for \(name): ") else {
                throw Setup.Failure(
                    """
                    the server wants a password and there is no terminal to ask at: put it in ~/.pgpass, PGPASSFILE, \
                    PGPASSWORD or a service file
                    """)
            }
            var keywords = keywords
            keywords["password"] = password
            (self.keywords, connection) = (keywords, try await Self.open(keywords, heard))
        }
    }

    /// The same login in another database.
    func inDatabase(_ name: String) async throws -> Administrator {
        var keywords = keywords
        keywords["dbname"] = name
        return try await Administrator(keywords)
    }

    /// Runs a statement.
    ///
    /// - Returns: its rows, each with its columns' texts; a NULL is absent.
    /// - Throws: the server's error.
    @discardableResult func run(_ sql: String) async throws -> [[String: String]] {
        _ = heard.take()
        return try await connection.texts(of: sql, within: Self.longest)
    }

    /// What the server warned of while the last statement ran.
    var warnings: [Notice] { heard.take().filter(\.isWarning) }

    /// A password as the server stores it.
    func encrypted(_ password: String, of user: String) async -> String? {
        await connection.encrypted(password, of: user)
    }

    /// Ends the session.
    func leave() async {
        await connection.close(within: .seconds(1))
    }

    private static func open(_ keywords: [String: String], _ heard: Heard) async throws -> Connection {
        let settings = ConnectionSettings(keywords: keywords, way: .administration)
        let connection = Connection(settings, onNotice: heard.hear)
        try await connection.open(within: patience)
        return connection
    }

    /// Whether the server asked for a password and libpq had none: the message is libpq's own.
    private static func isMissingPassword(_ error: PostgresError) -> Bool {
        error.errorClass == .auth && error.sqlstate == nil && error.message.contains("no password supplied")
    }
}
