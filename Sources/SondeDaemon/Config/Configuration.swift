import Sonde

/// Everything that the user can set, validated.
struct Configuration: Sendable, Hashable {
    /// A PostgreSQL server to watch.
    struct Server: Sendable, Hashable {
        /// The name in the `server` label; by default host:port.
        var name: String
        /// What is there: PostgreSQL, or the console of a PgBouncer.
        var kind = ServerKind.postgresql
        /// libpq's connection keywords, without a password from a file or a command.
        var keywords: [String: String] = [:]
        /// Names of parameters in the user's connection string that are not heeded.
        var ignoredParameters: [String] = []
        /// What postgres_exporter calls it in its label `server`; nil for a server of our own file.
        var foreignName: String?
        /// A file whose first line is the password, read at each connect.
        var passwordFile: String?
        /// A command whose first line of output is the password, run at each connect.
        var passwordCommand: [String]?
        /// Variables that hold the passwords of other servers, which the command is not to see.
        var withheldVariables: Set<String> = []
        /// A credential that systemd hands over, whose first line is the password, read at each connect.
        var passwordCredential: String?
        /// The variable of the environment that holds the password.
        var passwordVariable: String?
        /// Whether there is a pooler between us and the server: no startup options, no named statements.
        var pooled = false
        /// The most connections to this server at a time, all databases included.
        var connections = 2
        /// The most logins an hour to databases other than the one to connect to first.
        var loginsPerHour = 3_600
        /// Which databases the collectors that run per database visit: shell patterns; all by default.
        var databases: [String] = ["*"]
        /// Shell patterns of databases that are left out.
        var excludeDatabases: [String] = []

        /// Whether our sessions are the server's own, and not a pooler's.
        var hasSessions: Bool { kind == .postgresql && !pooled }

        /// Whether a database is one of those that the user wants visited.
        func visits(_ database: String) -> Bool {
            Databases(include: databases, exclude: excludeDatabases).contains(database)
        }
    }

    /// What the user says of one collector; nil leaves the collector's own value.
    struct CollectorOptions: Sendable, Hashable {
        var enabled: Bool?
        var every: Duration?
        /// Whether it runs when a scrape asks for it, instead of by the clock.
        var isOnScrape = false
        var timeout: Duration?
        var expire: Duration?
        /// How many rows are shown by name, per server or per database.
        var limit: Int?

        /// The limit in force for a collector whose own is this.
        func limit(over own: Limit) -> Limit {
            var result = own
            result.rows = limit ?? own.rows
            // One database alone may have what the user says.
            result.perServer = own.perServer.map { max($0, result.rows) }
            return result
        }

        /// The times in force for a collector whose own are these.
        ///
        /// A new interval brings the others along: a query takes no longer than it, and numbers live for three of it.
        func timing(over own: Timing) -> Timing {
            guard let every else {
                return Timing(every: own.every, timeout: timeout ?? own.timeout, expire: expire ?? own.expire)
            }
            return Timing(every: every, timeout: timeout ?? min(own.timeout, every), expire: expire)
        }
    }

    /// Where we listen.
    enum ListenAddress: Sendable, Hashable {
        /// A host (empty for all addresses) and a port; port 0 takes a free one.
        case tcp(host: String, port: Int)
        /// A Unix socket's path.
        case unix(path: String)
        /// A socket that listens already, which whoever started us has opened.
        case inherited(descriptor: Int32)
    }

    /// Where FFWD listens, and what it is told.
    struct FFWD: Sendable, Hashable {
        var host = "127.0.0.1"
        var port = 19_000
        /// The `key` of every metric.
        var key = "postgresql"
    }

    /// The HTTP server.
    struct Web: Sendable, Hashable {
        var listen: [ListenAddress] = [.tcp(host: "", port: 9_187)]
        var telemetryPath = "/metrics"
        /// A file in the exporter-toolkit's format that says who may talk to us, and how; nil for everybody, in the clear.
        var configFile: String?
        /// The most client connections at a time.
        var maxConnections = 512
        /// The time that a request's line and headers may take, from the connection's begin or from a later request's first byte.
        var headerTimeout: Duration = .seconds(10)
        /// The time that a connection may rest between requests.
        var idleTimeout: Duration = .seconds(120)
        /// The time that a whole response may take.
        var responseTimeout: Duration = .seconds(60)
        /// Whether a request can have the configuration read anew.
        var hasLifecycle = false
        /// The most bytes of a request's line and headers.
        var maxHeaderBytes = 16_384

        /// The keys of what the listener got at the start and keeps to the end, where another one has something else.
        func fixedKeys(differingFrom other: Web) -> [String] {
            let same = [
                ("web.listen", listen == other.listen), ("web.max_connections", maxConnections == other.maxConnections),
                ("web.header_timeout", headerTimeout == other.headerTimeout),
                ("web.idle_timeout", idleTimeout == other.idleTimeout),
                ("web.response_timeout", responseTimeout == other.responseTimeout),
            ]
            return same.filter { !$0.1 }.map(\.0)
        }
    }

    /// The least that is logged; the names are those of swift-log.
    enum LogLevel: String, Sendable, Hashable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// How log lines look.
    enum LogFormat: String, Sendable, Hashable, CaseIterable {
        case logfmt, json
    }

    /// When samples carry a `server` label.
    enum ServerLabel: String, Sendable, Hashable, CaseIterable {
        /// Where there is more than one server.
        case auto
        case always, never
    }

    var servers: [Server] = []
    /// Under which names the page shows what was measured.
    var names = NameSet.pgsonde
    /// What only postgres_exporter's flags can say.
    var foreign = ForeignSettings()
    var collectors: [String: CollectorOptions] = [:]
    /// A folder of `*.yaml` files with definitions.
    var collectorsDirectory: String?
    /// The files whose change has the configuration read anew, or the folders that they are in; empty where nothing does.
    var watchedPaths: [String] = []
    /// Whether definitions may run commands.
    var allowsExec = false
    var serverLabel = ServerLabel.auto
    /// nil sends nothing to FFWD.
    var ffwd: FFWD?
    var web = Web()
    var logLevel = LogLevel.info
    var logFormat = LogFormat.logfmt
}
