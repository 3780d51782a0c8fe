import ArgumentParser

/// `pgsonde run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Poll the servers and serve their metrics (the default).",
        discussion: "SIGTERM and SIGINT end it; requests in flight are answered. SIGHUP has it read its files anew.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        if options.foreign.dumpsMaps { return print(ForeignOptions.maps, terminator: "") }
        let load = { @Sendable [options] in
            var setup = try Setup.load(options)
            if options.foreign.systemdSocket == true {
                setup.configuration.web.listen = try InheritedSockets.addresses(Environment.ofProcess.values)
            }
            return setup
        }
        try await Daemon.serve(try load(), load: load)
    }
}
