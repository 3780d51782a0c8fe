import ArgumentParser

/// `pgsonde run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Poll the servers and serve their metrics (the default).",
        discussion: "SIGTERM and SIGINT end it; requests in flight are answered.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        if options.foreign.dumpsMaps { return print(ForeignOptions.maps, terminator: "") }
        let setup = try Setup.load(options)
        try await Daemon.serve(setup)
    }
}
