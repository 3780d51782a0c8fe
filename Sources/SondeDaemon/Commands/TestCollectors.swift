import ArgumentParser
import Logging
import NIOCore
import Sonde

/// `pgsonde collector test FILE...`: tries definitions on a server.
struct TestCollectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Try the definitions of a file on a server: check them, run them once, print the page that they give.",
        discussion: """
            The server is that of the configuration, DATA_SOURCE_NAME or libpq's PG* variables. The statements are prepared and \
            run in a read-only session with the limits that a daemon's has. The page is printed to standard output; what they \
            cost, and what is wrong or will hurt, to standard error as file:line:column.

            The exit code is 0 where all is well, 1 where something is wrong (with --strict also where something will hurt), and \
            2 where the command line is.
            """)

    @Argument(
        help: "The files, as they are in collectors_dir; /dev/stdin for standard input.",
        completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    @Option(help: ArgumentHelp("The server to try them on, where the configuration has several.", valueName: "name"))
    var server: String?

    @Option(
        help: ArgumentHelp("The only database to try them in; by default those that a daemon would.", valueName: "name")
    )
    var database: String?

    @Flag(help: "Run each statement once more by EXPLAIN (ANALYZE, BUFFERS), and print what that says.")
    var explain = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        var setup = try Setup.load(options, quietly: true, trying: files)
        var sources: [String: SourceText] = [:]
        for file in files where file != "/dev/stdin" {
            sources[file] = (try? BoundedFile.read(file, atMost: YAMLParser.maxBytes)).map { SourceText($0.bytes) }
        }
        for placed in setup.placed where sources[placed.file] == nil { sources[placed.file] = SourceText([]) }
        let trial = Trial(setup.placed.compactMap(\.definition), sources: sources, isExplaining: explain)
        setup.inspector = trial
        // What becomes of the collectors is told once, with its place.
        setup.logger.logLevel = .critical
        try narrow(&setup.configuration, to: setup.placed, in: setup.registry)
        let engine = Engine(setup)
        for poller in engine.pollers { await poller.runOnce() }
        await engine.localPoller?.runOnce()
        for segment in engine.page.store.page(at: .now) {
            guard Output.write(segment.bytes.readableBytesView) else { throw ExitCode(1) }
        }
        let report = TrialReport(setup, engine, trial)
        for line in report.lines { Output.complain(line) }
        if report.errors > 0 || options.strict && report.warnings > 0 { throw ExitCode(1) }
    }

    /// Leaves one server, and of the collectors those that are being tried.
    private func narrow(
        _ configuration: inout Configuration, to placed: [PlacedCollector], in registry: Registry
    ) throws(Setup.Failure) {
        let names = configuration.servers.map(\.name)
        let list = names.joined(separator: ", ")
        if server == nil, names.count > 1 {
            throw Setup.Failure("there are several servers: name one by --server: \(list)", exitCode: 2)
        }
        guard
            var chosen = server.map({ name in configuration.servers.first { $0.name == name } })
                ?? configuration.servers.first
        else {
            let wanted = server ?? ""
            throw Setup.Failure(
                "there is no server \(Spelling.quoted(wanted)): \(Spelling.advice(for: wanted, among: names))",
                exitCode: 2)
        }
        // The page is that of all servers.
        if names.count > 1, configuration.serverLabel == .auto { configuration.serverLabel = .always }
        if let database {
            chosen.keywords["dbname"] = database
            chosen.databases = [database]
            chosen.excludeDatabases = []
        }
        configuration.servers = [chosen]
        configuration.ffwd = nil
        let tried = Set(placed.map(\.collector.name))
        for name in registry.entries.map(\.collector.name) {
            configuration.collectors[name, default: Configuration.CollectorOptions()].enabled = tried.contains(name)
            configuration.collectors[name]?.isOnScrape = false
        }
    }
}
