/// What is known of the server and the database that a session is connected to; a plan holds for one set of facts.
public struct Facts: Sendable, Hashable {
    /// An extension that is installed in the database.
    public struct Extension: Sendable, Hashable {
        /// `pg_extension.extversion`, which an upgrade of the server does not change.
        public let version: Version
        /// The schema that its objects live in.
        public let schema: String

        /// Makes an extension.
        public init(version: Version, schema: String) {
            self.version = version
            self.schema = schema
        }
    }

    /// The server's version.
    public var version: Version
    /// Whether the server is a standby, or still recovering.
    public var isInRecovery: Bool
    /// The timeline of the last checkpoint; nil where it could not be read.
    public var timeline: Int?
    /// The server's start, in seconds since 1970.
    public var startTime: Double
    /// The database that the session is connected to.
    public var database: String
    /// The extensions of that database, by name.
    public var extensions: [String: Extension]
    /// The predefined roles (`pg_monitor`, `pg_read_all_stats`, …) whose privileges the session has.
    public var roles: Set<String>

    /// Makes facts.
    public init(
        version: Version, isInRecovery: Bool = false, timeline: Int? = nil, startTime: Double = 0,
        database: String = "postgres", extensions: [String: Extension] = [:],
        roles: Set<String> = ["pg_monitor", "pg_read_all_stats", "pg_read_all_settings", "pg_stat_scan_tables"]
    ) {
        self.version = version
        self.isInRecovery = isInRecovery
        self.timeline = timeline
        self.startTime = startTime
        self.database = database
        self.extensions = extensions
        self.roles = roles
    }
}
