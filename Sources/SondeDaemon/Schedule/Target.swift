import Logging
import Sonde
import SondePostgres

/// One server to poll, and everything that its poller works with.
struct Target: Sendable {
    /// The server's place among the servers.
    let index: Int
    let server: Configuration.Server
    let registry: Registry
    /// The times in force, collector by collector.
    let timings: [Timing]
    /// The collectors that run, by their place in the registry.
    let enabled: Set<Int>
    /// Whether samples carry the server's name.
    let isLabelled: Bool
    let store: Store
    let watch: Watch
    /// Counts the threads of this server's sessions that hang inside libpq.
    let threads = AbandonedThreads()
    let logger: Logger

    /// The lane that a collector runs in.
    func lane(of collector: Int) -> Timetable.Lane {
        let entry = registry.entries[collector].collector
        return entry.per == .server && entry.cost != .heavy ? .fast : .slow
    }

    /// The labels that every sample of this server begins with.
    func labels(database: String?) -> [(name: String, value: String)] {
        (isLabelled ? [(name: "server", value: server.name)] : []) + (database.map { [(name: "datname", value: $0)] } ?? [])
    }

    /// The settings of a session in a database; nil for the one that the user named.
    ///
    /// - Parameter statementTimeout: the server's own limit, beyond the deadlines that we keep ourselves.
    func settings(database: String?, password: String?, statementTimeout: Duration) -> ConnectionSettings {
        var keywords = server.keywords
        if let database { keywords["dbname"] = database }
        if let password { keywords["password"] = password }
        return ConnectionSettings(keywords: keywords, pooled: server.pooled, statementTimeout: statementTimeout)
    }

    /// Whether collectors that run per database visit this one.
    func visits(_ database: String) -> Bool {
        let matches = { (patterns: [String]) in patterns.contains { Pattern.matches(database, $0) } }
        return matches(server.databases) && !matches(server.excludeDatabases)
    }
}
