import Logging
import Sonde

/// A configuration and its collectors, wired up: the rooms in the order in which numbers flow.
struct Engine: Sendable {
    let configuration: Configuration
    /// What sends on what is published; nil unless the user wants it.
    let output: FFWDOutput?
    let pollers: [Poller]
    let page: Page
    let routes: Routes

    /// Wires the rooms.
    init(_ setup: Setup) {
        let (configuration, registry, logger) = (setup.configuration, setup.registry, setup.logger)
        self.configuration = configuration
        let collectors = registry.entries.map(\.collector)
        let options = collectors.map { configuration.collectors[$0.name] ?? Configuration.CollectorOptions() }
        let timings = zip(collectors, options).map { $1.timing(over: $0.timing) }
        let enabled = Set(collectors.indices.filter { options[$0].enabled ?? collectors[$0].enabled })
        let questions = enabled.reduce(into: Questions()) { $0 = $0.union(collectors[$1].questions) }
        output = configuration.ffwd.map {
            FFWDOutput($0, servers: configuration.servers, registry: registry, logger: logger)
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
        for (index, server) in configuration.servers.enumerated() {
            let ours = enabled.filter { collectors[$0].kind == server.kind }
            var places: [Int: Places] = [:]
            for collector in ours where collectors[collector].per == .database {
                places[collector] = collectors[collector].limit?.perServer.map { Places(total: $0) }
            }
            let watch = Watch(name: server.name, kind: server.kind, base: base, collectors: registry.entries.count)
            watch.disable(registry.entries.indices.filter { !ours.contains($0) })
            watches.append(watch)
            pollers.append(
                Poller(
                    Target(
                        index: index, server: server, registry: registry, timings: timings, enabled: ours,
                        onScrape: onScrape.intersection(ours), questions: questions, places: places,
                        isLabelled: isLabelled,
                        second: setup.second,
                        base: base, store: store, watch: watch,
                        slots: Slots(budget: server.connections), logins: LoginRate(perHour: server.loginsPerHour),
                        logger: logger)))
        }
        self.pollers = pollers
        let status = Status(
            registry: registry, timings: timings, watches: watches, isLabelled: isLabelled, scrapes: ScrapeCount(),
            second: setup.second, output: output)
        page = Page(store: store, status: status)
        routes = Routes(page: page, pollers: pollers, telemetryPath: configuration.web.telemetryPath)
    }
}
