import ArgumentParser

/// `pgsonde run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Poll the servers and serve their metrics (the default).",
        discussion: "SIGTERM and SIGINT end it; requests in flight are answered. SIGHUP has it read its files anew.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        if options.foreign.dumpsMaps { return print(ForeignOptions.maps, terminator: "") }
        let sockets = try inheritedSockets()
        let load = { @Sendable [options] (before: Setup?) in
            var setup = try Setup.load(options, after: before)
            if !sockets.isEmpty { setup.configuration.web.listen = sockets }
            return setup
        }
        let setup = try load(nil)
        try await Daemon.serve(setup) { try load(setup) }
    }

    /// The sockets to listen on instead of the addresses of the configuration.
    private func inheritedSockets() throws -> [Configuration.ListenAddress] {
        if options.systemdSocket == false { return [] }
        let sockets = try InheritedSockets.addresses(ServiceVariables.ofProcess)
        guard options.systemdSocket == nil || !sockets.isEmpty else {
            throw ListenError("there is no socket from systemd: start a .socket unit that activates this service")
        }
        return sockets
    }
}
