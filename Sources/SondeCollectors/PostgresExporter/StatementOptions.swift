/// What postgres_exporter's collector `stat_statements` shows, by its flags.
package struct StatementOptions: Sendable, Hashable {
    /// Whether the text of each statement is shown too.
    package var includesQuery = false
    /// The most characters of a text.
    package var queryLength = 120
    /// The most statements.
    package var limit = 100
    /// Databases whose statements are left out.
    package var excludedDatabases: [String] = []
    /// Users whose statements are left out.
    package var excludedUsers: [String] = []

    /// Makes options at their defaults.
    package init() {}
}
