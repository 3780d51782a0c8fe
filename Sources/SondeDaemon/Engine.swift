import Logging
import Sonde
import SondePostgres

/// A configuration and its collectors, wired up: the rooms in the order in which numbers flow.
struct Engine: Sendable {
    let configuration: Configuration
    /// The collectors.
    let registry: Registry
    /// What sends on what is published; nil unless the user wants it.
    let output: FFWDOutput?
    let pollers: [Poller]
    /// Polls what asks no server; nil where there is nothing of the kind.
    let localPoller: LocalPoller?
    let page: Page
    let routes: Routes
    /// What stands before the routes.
    let security: WebGuard

    /// How it went when the configuration was last read.
    var reading: LastReading { page.status.reading }

    /// Wires the rooms.
    ///
    /// - Parameters:
    ///   - setup: the configuration.
    ///   - before: the engine whose place it takes, which then works for this one as far as servers are the same.
    init(_ setup: Setup, after before: Engine? = nil) {
        let (configuration, registry, logger) = (setup.configuration, setup.registry, setup.logger)
        self.configuration = configuration
        self.registry = registry
        let collectors = registry.entries.map(\.collector)
        let options = collectors.map { configuration.collectors[$0.name] ?? Configuration.CollectorOptions() }
        let timings = zip(collectors, options).map { $1.timing(over: $0.timing) }
        let enabled = Set(collectors.indices.filter { options[$0].enabled ?? collectors[$0].enabled })
        let questions = enabled.reduce(into: Questions()) { $0 = $0.union(collectors[$1].questions) }
        if let before, before.sendsSame(configuration, registry) {
            output = before.output
        } else {
            output = configuration.ffwd.map {
                FFWDOutput(
                    $0, servers: configuration.servers, registry: registry, counts: before?.output?.counts,
                    logger: logger)
            }
        }
        let isLabelled =
            switch configuration.serverLabel {
            case .always: true
            case .never: false
            case .auto: configuration.servers.count > 1
            }
        let store = Store(
            registry, serverNames: isLabelled ? configuration.servers.map(\.name) : nil,
            alwaysLabelled: setup.second.labelled, output: output)
        // However seldom collectors run: whether a server is there is worth a small statement.
        let onScrape = enabled.filter { options[$0].isOnScrape }
        let base = (enabled.map { timings[$0].every } + [Cost.light.timing.every]).min() ?? Cost.light.timing.every
        var watches: [Watch] = []
        var pollers: [Poller] = []
        var adopted: [(poller: Poller, target: Target)] = []
        var moves: [Int: Store.Move] = [:]
        for (index, server) in configuration.servers.enumerated() {
            let ours = enabled.filter { collectors[$0].asks(server.kind) }
            var places: [Int: Places] = [:]
            for collector in ours where collectors[collector].per == .database {
                places[collector] = collectors[collector].limit?.perServer.map { Places(total: $0) }
            }
            let watch = Watch(name: server.name, kind: server.kind, base: base, collectors: registry.entries.count)
            watch.disable(registry.entries.indices.filter { !ours.contains($0) })
            watches.append(watch)
            let same = before?.pollers.first { $0.target.server == server }
            let last = same?.target
            var target = Target(
                index: index, server: server, registry: registry, timings: timings, enabled: ours,
                onScrape: onScrape.intersection(ours), questions: questions, places: places,
                isLabelled: isLabelled,
                second: setup.second,
                base: base, store: store, watch: watch, threads: last?.threads ?? AbandonedThreads(),
                slots: last?.slots ?? Slots(budget: server.connections),
                logins: last?.logins ?? LoginRate(perHour: server.loginsPerHour), logger: logger)
            guard let same, let last else {
                pollers.append(Poller(target))
                continue
            }
            let stays = last.moves(to: target)
            for (old, new) in stays where target.places[new]?.total == last.places[old]?.total {
                target.places[new] = last.places[old]
            }
            moves[last.index] = Store.Move(server: index, collectors: stays)
            watch.succeed(last.watch, moves: stays)
            pollers.append(same)
            adopted.append((same, target))
        }
        self.pollers = pollers
        var local: (collectors: [Int], watch: Watch)?
        let locals = collectors.indices.filter { collectors[$0] is any LocalCollector }
        if !locals.isEmpty {
            let watch = Watch(name: "", base: base, collectors: registry.entries.count)
            watch.disable(locals.filter { !enabled.contains($0) })
            if let before, let last = before.page.status.local {
                let stays = before.localMoves(to: registry, enabled: enabled)
                watch.succeed(last.watch, moves: stays)
                moves[Store.Source.local] = Store.Move(server: Store.Source.local, collectors: stays)
            }
            local = (locals, watch)
        }
        localPoller = local.map {
            LocalPoller(
                $0.collectors.filter(enabled.contains), registry, timings: timings, store: store, watch: $0.watch,
                logger: logger)
        }
        if let before { store.succeed(before.page.store, moves: moves) }
        for (poller, target) in adopted { poller.adopt(target) }
        security = before?.security ?? WebGuard(setup.web)
        let status = Status(
            registry: registry, timings: timings, watches: watches, isLabelled: isLabelled,
            scrapes: before?.page.status.scrapes ?? ScrapeCount(), reading: before?.reading ?? LastReading(),
            second: setup.second, output: output, security: security, local: local)
        page = Page(store: store, status: status)
        routes = Routes(
            source: StatusReport.Source(
                configuration: configuration, page: page, pollers: pollers, localPoller: localPoller))
        if before == nil {
            reading.note(problems: setup.problems.map(\.description), files: setup.files, isInForce: true)
        }
    }

    /// What polls and does not go on though it should, in words; nil where all does.
    func stall(at now: ContinuousClock.Instant) -> String? {
        if localPoller?.stalls(at: now) == true { return "the polling of what asks no server hangs" }
        return pollers.lazy.compactMap { $0.stall(at: now) }.first
    }

    /// Where the collectors that ask no server are in another registry, as far as they are the same and run in it.
    private func localMoves(to next: Registry, enabled: Set<Int>) -> [Int: Int] {
        var moves: [Int: Int] = [:]
        for (old, entry) in registry.entries.enumerated() {
            guard let collector = entry.collector as? any LocalCollector,
                let new = next.entries.firstIndex(where: { $0.collector.name == collector.name }),
                enabled.contains(new),
                let other = next.entries[new].collector as? any LocalCollector
            else { continue }
            // One in code is what the program has; only a file's can have changed.
            if let command = collector as? ExecCollector {
                guard let changed = other as? ExecCollector, command.shows(as: changed) else { continue }
            } else if other is ExecCollector {
                continue
            }
            moves[old] = new
        }
        return moves
    }

    /// Whether another configuration sends on the same, so that what sends it can stay.
    private func sendsSame(_ configuration: Configuration, _ registry: Registry) -> Bool {
        guard self.configuration.ffwd == configuration.ffwd, self.configuration.servers == configuration.servers else {
            return false
        }
        let metrics = { (registry: Registry) in registry.entries.map { ($0.collector.name, $0.collector.metrics) } }
        return metrics(self.registry).elementsEqual(metrics(registry), by: ==)
    }
}
