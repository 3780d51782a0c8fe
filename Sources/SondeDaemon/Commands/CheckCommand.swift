import ArgumentParser
import Sonde
import SondePostgres

/// `pgsonde check`: tells whether the configuration is right, and with `--connect` whether the servers can be reached.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, and with --connect the servers.",
        discussion: "The exit code is 1 if anything is wrong.")

    @OptionGroup var options: CommonOptions

    @Flag(help: "Connect to each server, and run each collector once.")
    var connect = false

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        await setup.warnOfPasswordFiles()
        // What is wrong with collectors' files has been logged, each with its place.
        var isGood = setup.problems.isEmpty
        let counts = "servers: \(setup.configuration.servers.count), collectors: \(setup.registry.entries.count)"
        print("configuration: \(isGood ? "good" : "there are mistakes in collectors_dir"): \(counts)")
        if connect { isGood = await reach(setup) && isGood }
        if !isGood { throw ExitCode(1) }
    }

    /// Runs each collector once on each server, and prints how they stand.
    ///
    /// - Returns: whether all is well.
    private func reach(_ setup: Setup) async -> Bool {
        let engine = Engine(setup)
        await withTaskGroup { group in
            for poller in engine.pollers { group.addTask { await poller.runOnce() } }
            group.addTask { await engine.localPoller?.runOnce() }
        }
        var isGood = true
        for watch in engine.page.status.watches {
            isGood = report(watch, setup.registry) && isGood
        }
        if let (collectors, watch) = engine.page.status.local {
            print("beside the servers:")
            isGood = report(collectors, watch.look(), setup.registry) && isGood
        }
        return isGood
    }

    /// Prints how a server and its collectors stand.
    ///
    /// - Returns: whether all is well; what is skipped or unavailable is no fault.
    private func report(_ watch: Watch, _ registry: Registry) -> Bool {
        let picture = watch.look()
        guard let facts = picture.facts, picture.failure == nil else {
            let reason = picture.failure?.rawValue ?? "other"
            print("\(watch.name): \(reason): \(picture.failureDetail)")
            return false
        }
        print("\(watch.name): \(watch.title(facts))")
        return report(Array(registry.entries.indices), picture, registry)
    }

    /// Prints how collectors stand.
    ///
    /// - Returns: whether all is well.
    private func report(_ collectors: [Int], _ picture: Watch.Picture, _ registry: Registry) -> Bool {
        var isGood = true
        for collector in collectors where picture.conditions[collector].state != .disabled {
            let condition = picture.conditions[collector]
            let detail = condition.last.map(\.detail) ?? ""
            print(
                "  \(registry.entries[collector].collector.name): \(condition.state.rawValue)\(detail.isEmpty ? "" : ": \(detail)")"
            )
            if condition.state == .failed || condition.state == .pending { isGood = false }
        }
        return isGood
    }
}
