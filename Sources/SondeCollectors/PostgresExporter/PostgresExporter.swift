package import Sonde

/// The second name set: what postgres_exporter 0.20 shows, under its names, with its types, labels and values.
///
/// Its warts are meant: who has dashboards and alerts for it can keep them. What they are, and what to use instead, is written in
/// `config/postgres_exporter.md`. Each FROM is that of a canonical collector wherever that has the rows, so that a server which both
/// sets are read from is asked once.
package struct PostgresExporter: Sendable {
    /// What its flags can change in the statements.
    package struct Options: Sendable, Hashable {
        /// Whether the canonical set is read too, whose FROM is then taken even where it leaves a few rows out.
        package var isBeside = false
        /// Databases that its collector `database` leaves out.
        package var excludedDatabases: [String] = []
        /// What its collector `stat_statements` shows.
        package var statements = StatementOptions()

        /// Makes options at their defaults.
        package init() {}
    }

    /// One collector as its flags know it.
    package struct Member: Sendable {
        /// The name after `--collector.`; of the two that have no flag, the name of their view.
        package let name: String
        /// What it is made of: a collector of ours for each set of labels and each cost.
        package let parts: [any Collector]
        /// Whether `--collector.NAME` exists, and `pg_scrape_collector_success` tells how it stands.
        package let hasFlag: Bool
        /// What the flag was called in versions before.
        package let formerName: String?
        /// The server's version before which it has nothing to do, whatever is missing there.
        package let since: Version?

        init(
            _ name: String, hasFlag: Bool = true, formerly formerName: String? = nil, since: Version? = nil,
            _ parts: [any Collector]
        ) {
            self.name = name
            self.parts = parts
            self.hasFlag = hasFlag
            self.formerName = formerName
            self.since = since
        }
    }

    /// What the names of its collectors begin with, beside the canonical ones.
    package static let prefix = "postgres_exporter_"

    /// All of it, in the order of the page.
    package let members: [Member]

    /// What may stand after `--collector.`.
    package var flagNames: Set<String> {
        Set(members.filter(\.hasFlag).flatMap { [$0.name, $0.formerName].compactMap { $0 } })
    }

    /// Makes the set.
    package init(_ options: Options = Options()) {
        members =
            Self.server(options) + Self.databases(options) + Self.sessions + Self.writing + Self.replication
            + Self.relations(options)
    }

    /// A part of it; its name is made of the set's and the collector's.
    static func part(
        _ name: String, help: String, prefix: String? = nil, from: SQL, columns: [Column], per: Scope = .server,
        axis: Definition.Axis = .server, requires: [String] = [], privileges: [Privilege] = [], cost: Cost = .light,
        group: Bool = false,
        each: Bool = false, enabled: Bool = true
    ) -> Definition {
        Definition(
            Self.prefix + name, help: help, prefix: prefix ?? "pg_\(name)", from: from, columns: columns, per: per,
            axis: axis, requires: .init(roles: requires, privileges: privileges), cost: cost, group: group, each: each,
            enabled: enabled)
    }

    /// A time as it shows it: whole seconds since 1970, and 0 for never.
    static func time(_ column: String) -> SQL {
        SQL("coalesce(floor(extract(epoch FROM \(column))), 0)")
    }

    /// A list of texts as SQL has it.
    static func list(_ texts: [String]) -> String {
        texts.map(Identifier.literal).joined(separator: ", ")
    }
}
