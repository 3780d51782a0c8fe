import ArgumentParser
import CGlibc
import Glibc
import Logging
import ServiceLifecycle
public import Sonde
import SondeCollectors
import UnixSignals

extension [any Collector] {
    /// The collectors that pgsonde comes with, in the order of the page.
    public static var builtin: [any Collector] { Builtin.collectors }
}

/// The whole daemon; a program of your own is `await Daemon.main(collectors: .builtin + [MyCollector()])`.
public enum Daemon {
    /// The collectors of this program, for the commands.
    @TaskLocal static var collectors: [any Collector] = []

    /// Reads the command line and runs the command, until the process ends.
    ///
    /// Never returns: the process ends with exit code 0, with 1 where something is wrong, with 2 where the command line is, or with 3 where
    /// nothing can be listened on.
    ///
    /// - Parameter collectors: what there is to collect, in the order of the page.
    public static func main(collectors: [any Collector] = .builtin) async {
        // One arena for all threads: what a session's thread frees, the others use. Before any thread has one of its own.
        mallopt(M_ARENA_MAX, 1)
        _ = ServiceVariables.ofProcess
        let code = await $collectors.withValue(collectors) { await run(Array(CommandLine.arguments.dropFirst())) }
        // What was printed and still waits for a full buffer. Nobody else is waited for: a session whose server is frozen would keep us.
        fflush(nil)
        _exit(code)
    }

    /// Runs a command line.
    ///
    /// - Returns: the exit code.
    static func run(_ words: [String]) async -> Int32 {
        do {
            try await runCommand(words)
            return 0
        } catch {
            return report(error)
        }
    }

    private static func runCommand(_ words: [String]) async throws {
        let names = RootCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        let arguments = try Arguments(words, commands: names)
        var command = try RootCommand.parseAsRoot(arguments.words)
        guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
        try await asynchronous.run()
    }

    /// Says what went wrong, or what the user asked the parser for.
    ///
    /// - Returns: the exit code: 2 where the command line is wrong.
    private static func report(_ error: any Error) -> Int32 {
        if error is Arguments.Mistake || error is Setup.Failure || error is ListenError {
            Output.complain("pgsonde: \(error)")
            return error is Arguments.Mistake ? 2 : (error as? Setup.Failure)?.exitCode ?? 3
        }
        let text = RootCommand.fullMessage(for: error)
        let code = RootCommand.exitCode(for: error).rawValue
        if code == 0 {
            _ = Output.write((text + "\n").utf8)
        } else if !text.isEmpty {
            Output.complain(text)
        }
        return code == ExitCode.validationFailure.rawValue ? 2 : code
    }

    /// Polls and serves until a signal says to stop.
    ///
    /// - Throws: ``Setup/Failure`` where nothing can be listened on.
    ///
    /// - Parameters:
    ///   - setup: the configuration.
    ///   - load: reads it anew; nil where there is nothing to be read.
    static func serve(_ setup: Setup, load: (@Sendable () throws -> Setup)? = nil) async throws {
        let variables = ServiceVariables.ofProcess
        Task { await setup.warnOfPasswordFiles() }
        let systemd = variables["NOTIFY_SOCKET"].flatMap { NotifySocket($0) }
        // Before anybody is told that we are ready, for then one may come.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let reloader = Reloader(setup, hangups: hangups, systemd: systemd) { [collectors] in
            try $collectors.withValue(collectors) { try load?() ?? setup }
        }
        let security = reloader.engine.security
        let server = HTTPServer(
            listeners: setup.configuration.web.listen, limits: setup.configuration.web, logger: setup.logger,
            security: security, whenListening: { systemd?.send(.ready) },
            handler: { request in
                await security.answer(request) { request in
                    await reloader.engine.routes.answer(request) { await reloader.reload() }
                }
            })
        // Started in this order, ended in the other: requests in flight are answered while the pollers still run.
        var services: [any Service] = [LastResort(), reloader]
        if security.path != nil { services.append(WebGuardWatch(guarded: security, logger: setup.logger)) }
        services.append(server)
        if let systemd {
            services.append(
                Supervision(
                    socket: systemd, watchdog: ServiceVariables.watchdog(variables), logger: setup.logger,
                    status: { reloader.engine.page.status.sentence(at: .now) },
                    stall: {
                        let isMute = await server.hangs()
                        return reloader.engine.stall(at: .now)
                            ?? (isMute ? "the thread that answers clients hangs" : nil)
                    }))
        }
        let configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: setup.logger)
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// Ends the process when a graceful end takes too long: a session that waits inside libpq must not keep us.
private struct LastResort: Service {
    private static let patience = Duration.milliseconds(1_900)

    func run() async throws {
        try? await gracefulShutdown()
        // Not a child of this task: it must go on when the service has ended, which is what the group waits for.
        Task.detached {
            try? await Task.sleep(for: Self.patience)
            _exit(0)
        }
    }
}
