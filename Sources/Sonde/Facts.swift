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
    /// The timeline that is written, or on a standby that of the last checkpoint; nil where it could not be read.
    public var timeline: Int?
    /// The server's start, in seconds since 1970.
    public var startTime: Double
    /// The database that the session is connected to.
    public var database: String
    /// The extensions of that database, by name.
    public var extensions: [String: Extension]
    /// The schemas of the extensions that are there and cannot be used, since the session has no privilege on them, by name.
    public var closedExtensions: [String: String]
    /// The predefined roles (`pg_monitor`, `pg_read_all_stats`, …) whose privileges the session has.
    public var roles: Set<String>
    /// The privileges that the session has, of those that collectors ask for.
    public var privileges: Set<Privilege>
    /// Those of these that it has on some objects and not on others, so that something cannot be seen.
    public var partial: Set<Privilege>
    /// The privileges that collectors ask for and whose objects the database does not have.
    public var absent: Set<Privilege>
    /// The values of the settings that collectors ask for, as `pg_settings.setting` shows them.
    public var settings: [String: String]
    /// The relations that the database has, of those that collectors ask for.
    public var relations: Set<String>

    /// Makes facts.
    public init(
        version: Version, isInRecovery: Bool = false, timeline: Int? = nil, startTime: Double = 0,
        database: String = "postgres", extensions: [String: Extension] = [:],
        closedExtensions: [String: String] = [:],
        roles: Set<String> = ["pg_monitor", "pg_read_all_stats", "pg_read_all_settings", "pg_stat_scan_tables"],
        privileges: Set<Privilege> = [], partial: Set<Privilege> = [], absent: Set<Privilege> = [],
        settings: [String: String] = [:],
        relations: Set<String> = []
    ) {
        self.version = version
        self.isInRecovery = isInRecovery
        self.timeline = timeline
        self.startTime = startTime
        self.database = database
        self.extensions = extensions
        self.closedExtensions = closedExtensions
        self.roles = roles
        self.privileges = privileges
        self.partial = partial
        self.absent = absent
        self.settings = settings
        self.relations = relations
    }

    /// Whether these are another server's than earlier ones from the same address, and not the same one's after a restart.
    ///
    /// Of two servers on one timeline, only the one that was started before the other is told apart from it.
    package func isOfAnotherServer(than earlier: Facts) -> Bool {
        guard startTime != earlier.startTime else { return false }
        if startTime < earlier.startTime { return true }
        guard let timeline, let before = earlier.timeline else { return false }
        return timeline != before
    }

    /// These facts, and everything that a collector requires: for tests, and to show what it would run.
    ///
    /// Extensions that are not there yet are of the newest version, in the schema `public`.
    public func fulfilling(_ collector: any Collector) -> Facts {
        var facts = self
        facts.privileges.formUnion(collector.questions.privileges)
        facts.relations.formUnion(collector.questions.relations)
        guard let definition = collector as? Definition else { return facts }
        facts.roles.formUnion(definition.requires.roles)
        facts.settings.merge(definition.requires.settings) { $1 }
        var extensions = definition.requires.extensions
        if case .extension(let name) = definition.axis { extensions.append(name) }
        for name in extensions where facts.extensions[name] == nil {
            facts.extensions[name] = Extension(version: Version(.max), schema: "public")
        }
        return facts
    }
}
