import ArgumentParser

/// `pgsonde`: what runs without a subcommand is `run`.
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgsonde",
        abstract: "PostgreSQL metrics for Prometheus: cannot hurt the database, always answers, tells the truth.",
        discussion: """
            Flags may stand before or after the command. A collector is switched on by --collector.NAME and off by \
            --no-collector.NAME; 'pgsonde collector list' prints the names.

            Flags win over the configuration file, and the environment wins over flags: \
            \(Environment.variables.map(\.0).joined(separator: ", ")). libpq's own variables (PGHOST, PGUSER, \
            PGPASSFILE, ...) are for what nothing else says.

            The exit code is 0; or 1 where something is wrong, such as the configuration; or 2 where the command line is; or \
            3 where an address cannot be listened on, or is lost.
            """,
        version: "pgsonde \(Build.version)",
        subcommands: [
            RunCommand.self, OnceCommand.self, CheckCommand.self, CollectorCommand.self, CompareCommand.self,
            ConvertCommand.self, DemoCommand.self, PrepareCommand.self, DoctorCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    // Shown by `pgsonde --help`; `Arguments` moves what is given here behind the subcommand.
    @OptionGroup(title: "Flags of run, once and check") var options: CommonOptions
}
