import ArgumentParser

/// `pgsonde demo`: the daemon, and something for it to watch.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Start a private, throwaway PostgreSQL with a little load, and watch it.",
        discussion: """
            Needs PostgreSQL's programs, of any version from 13 on. Listens on 127.0.0.1:9187 unless told otherwise. Ctrl-C ends \
            everything and deletes the server.
            """)

    @Option(
        name: .customLong("postgres-bin"),
        help: ArgumentHelp(
            "Where initdb and postgres are; by default PATH, then /usr/lib/postgresql/*/bin.", valueName: "directory"),
        completion: .directory)
    var programs: String?

    @Option(help: ArgumentHelp("The transactions of pgbench per second; 0 for none.", valueName: "number"))
    var rate = 20

    @OptionGroup(title: "Flags of run") var options: CommonOptions

    func validate() throws {
        guard (0...100_000).contains(rate) else { throw ValidationError("--rate is a number from 0 to 100000") }
    }

    func run() async throws {
        let loaded = try Setup.load(options)
        var configuration = loaded.configuration
        if configuration.web.listen == Configuration.Web().listen {
            configuration.web.listen = [.tcp(host: "127.0.0.1", port: 9_187)]
        }
        let say: @Sendable (String) -> Void = { Output.complain("pgsonde demo: \($0)") }
        do {
            try await DemoServer(programs: programs, rate: rate, say: say).run { [configuration] keywords in
                var configuration = configuration
                configuration.servers = [Configuration.Server(name: "demo", keywords: keywords)]
                let page = configuration.web.listen.lazy.compactMap(\.url).first.map {
                    $0 + configuration.web.telemetryPath
                }
                if let page { say("the metrics: curl \(page)") }
                let setup = Setup(
                    configuration: configuration, registry: loaded.registry, second: loaded.second,
                    logger: loaded.logger, logStyle: loaded.logStyle,
                    problems: loaded.problems, files: loaded.files)
                let excerpt = DemoExcerpt(of: configuration.web)
                // Cancelled when the daemon has ended.
                async let _: Void = excerpt?.show(by: say) ?? ()
                try await Daemon.serve(setup)
            }
        } catch let error as DemoError {
            throw Setup.Failure(error.description)
        }
    }
}
