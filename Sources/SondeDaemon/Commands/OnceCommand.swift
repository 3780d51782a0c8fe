import ArgumentParser
import NIOCore

/// `pgsonde once`: every collector one time, and the page on standard output.
struct OnceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "once", abstract: "Run every collector once and print the page.",
        discussion: "The exit code is 1 if a server did not answer.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        let engine = Engine(setup)
        await withTaskGroup { group in
            for poller in engine.pollers { group.addTask { await poller.runOnce() } }
            group.addTask { await engine.localPoller?.runOnce() }
        }
        for piece in await engine.page.body(gzip: false).pieces {
            guard Output.write(piece.readableBytesView) else { throw ExitCode(1) }
        }
        let isUp = engine.page.status.watches.allSatisfy { $0.look().isUp(at: .now, base: .seconds(3_600)) }
        if !isUp { throw ExitCode(1) }
    }
}
