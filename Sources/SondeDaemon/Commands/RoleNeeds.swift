import Sonde

/// What the role needs beside `pg_monitor`, for the collectors that are to work.
struct RoleNeeds: Sendable {
    /// What is needed in a database.
    struct Part: Sendable, Hashable {
        var extensions: [String] = []
        var privileges: [Privilege] = []

        fileprivate mutating func add(_ definition: Definition, withPrivileges: Bool, _ version: Version) {
            var names = definition.requires.extensions
            if case .extension(let name) = definition.axis { names.append(name) }
            for name in names where !extensions.contains(name) { extensions.append(name) }
            guard withPrivileges else { return }
            for privilege in definition.requires.privileges
            where privilege.isReadable && !RoleNeeds.isMonitored(privilege, version) && !privileges.contains(privilege)
            {
                privileges.append(privilege)
            }
        }
    }

    /// Words of `--with` that stand for several collectors.
    static let groups = [
        ("bloat", ["table_bloat", "index_bloat"]), ("sequences", ["sequence_usage"]),
        ("files", ["file_settings", "hba_file_rules", "ident_file_mappings"]),
        ("statements", ["statement", "statement_store", "statement_text"]),
    ]
    /// The word of `--with` for all collectors that run.
    static let everything = "all"
    /// The word of `--with` for a role that reads all tables, those to come included.
    static let allData = "read_all_data"
    /// What `pg_monitor` is a member of.
    private static let monitored = ["pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"]

    /// What `pg_monitor` may do, with the first version in which it may.
    private static let monitoredPrivileges: [Privilege: Version] = [
        "EXECUTE ON FUNCTION pg_ls_waldir()": 13, "EXECUTE ON FUNCTION pg_ls_tmpdir(oid)": 13,
        "EXECUTE ON FUNCTION pg_ls_archive_statusdir()": 13, "EXECUTE ON FUNCTION pg_ls_logdir()": 13,
        "SELECT ON pg_shmem_allocations": 15,
        "EXECUTE ON FUNCTION pg_get_shmem_allocations()": 15,
    ]

    /// Whether `pg_monitor` has a privilege, so that nobody need grant it.
    static func isMonitored(_ privilege: Privilege, _ version: Version) -> Bool {
        monitoredPrivileges[privilege].map { version >= $0 } ?? false
    }

    /// In the database that pgsonde connects to first.
    private(set) var home = Part()
    /// In every other one.
    private(set) var others = Part()
    /// Predefined roles beside `pg_monitor`.
    private(set) var roles: [String] = []

    /// Finds out.
    ///
    /// - Parameters:
    ///   - collectors: all there are.
    ///   - enabled: the names of those that run.
    ///   - words: what else the role is to be prepared for: names of collectors, or words for several.
    ///   - version: the server's.
    /// - Throws: what is no such word, with the nearest one.
    init(
        _ collectors: [any Collector], enabled: Set<String>, with words: [String], version: Version
    ) throws(ValueProblem) {
        let definitions = collectors.filter { $0.kind == .postgresql }.compactMap { $0 as? Definition }
        let names = Self.groups.map(\.0) + [Self.everything, Self.allData] + definitions.map(\.name)
        var wanted: Set<String> = []
        for word in words {
            guard names.contains(word) else {
                let nearest = Spelling.nearest(word, among: names).map { "did you mean \"\($0)\"?" }
                let all = Self.groups.map(\.0) + [Self.everything, Self.allData]
                throw ValueProblem(
                    """
                    there is no \(Spelling.quoted(word)): \
                    \(nearest ?? "write \(all.joined(separator: ", ")), or the name of a collector")
                    """)
            }
            switch word {
            case Self.everything: wanted.formUnion(definitions.map(\.name).filter(enabled.contains))
            case Self.allData: if version >= 14 { roles.append("pg_read_all_data") }
            default: wanted.formUnion(Self.groups.first { $0.0 == word }?.1 ?? [word])
            }
        }
        for definition in definitions where wanted.contains(definition.name) || enabled.contains(definition.name) {
            if definition.axis == .server, (definition.query ?? definition.from).text(for: version) == nil { continue }
            let isWanted = wanted.contains(definition.name)
            home.add(definition, withPrivileges: isWanted, version)
            if definition.per == .database { others.add(definition, withPrivileges: isWanted, version) }
            guard isWanted else { continue }
            for role in definition.requires.roles where !Self.monitored.contains(role) && !roles.contains(role) {
                roles.append(role)
            }
        }
    }
}
