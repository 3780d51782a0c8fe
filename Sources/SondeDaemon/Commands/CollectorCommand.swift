import ArgumentParser
import Sonde

/// `pgsonde collector`: what there is, and what it asks.
struct CollectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collector",
        abstract: "List the collectors, show one, describe all their metrics, or try one of your own.",
        subcommands: [
            ListCollectors.self, ShowCollector.self, DescribeCollectors.self, NewCollector.self,
            CollectorSchemaCommand.self, TestCollectors.self,
        ])
}

/// `pgsonde collector list`.
struct ListCollectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract:
            "Print every collector: name, cost, interval, where it runs, versions of PostgreSQL, whether by default."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        var rows = [["NAME", "COST", "EVERY", "PER", "VERSIONS", "DEFAULT", "METRICS", "FROM", "HELP"]]
        for entry in setup.registry.entries {
            let collector = entry.collector
            let isLocal = collector is any LocalCollector
            rows.append([
                collector.name, collector.cost.rawValue, DurationText.text(collector.timing.every),
                isLocal ? "daemon" : collector.per.rawValue,
                (collector as? Definition).map { Availability($0).text }
                    ?? (isLocal ? "-" : Availability.all(of: collector.kind)), collector.enabled ? "on" : "off",
                "\(collector.metrics.count)", entry.origin, collector.help,
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = row.indices.map { column in
                column == row.count - 1
                    ? row[column] : row[column] + String(repeating: " ", count: widths[column] - row[column].count)
            }
            print(cells.joined(separator: "  "))
        }
    }
}

/// `pgsonde collector reference`.
struct DescribeCollectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print all metrics with type, labels, versions and source, as Markdown.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        print(Reference(collectors: setup.registry.entries.map(\.collector)).text, terminator: "")
    }
}

/// `pgsonde collector show NAME`.
struct ShowCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a collector as YAML, to copy and change; with --sql, its statements.")

    @Argument(help: "The collector's name.")
    var name: String

    @Flag(help: "Print the statements for a server instead.")
    var sql = false

    @Option(help: "The server's major version, for --sql.")
    var serverVersion = 18

    @Flag(help: "The server is a standby, for --sql.")
    var standby = false

    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard serverVersion >= 13 else { throw ValidationError("PostgreSQL 13 is the oldest that pgsonde knows") }
    }

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        guard let entry = setup.registry.entries.first(where: { $0.collector.name == name }) else {
            let names = setup.registry.entries.map(\.collector.name)
            throw Setup.Failure(
                "there is no collector \(Spelling.quoted(name)): \(Spelling.advice(for: name, among: names))",
                exitCode: 2)
        }
        if sql {
            try showSQL(entry.collector)
        } else if let definition = entry.collector as? Definition {
            print(DefinitionEncoder.text(definition), terminator: "")
        } else {
            throw Setup.Failure("the collector \(name) is code, not data: --sql shows its statements")
        }
    }

    private func showSQL(_ collector: any Collector) throws {
        // Everything that it requires is taken to be there.
        let facts = Facts(version: Version(serverVersion), isInRecovery: standby).fulfilling(collector)
        let plan = collector.plan(for: facts, without: [])
        if case .skip(let reason) = plan { throw Setup.Failure("\(name) does not run there: \(reason)") }
        for step in plan.steps { print(step.sql + ";") }
    }
}
