import Logging
import Sonde

/// A configuration and its collectors, wired up: the four rooms in the order in which numbers flow.
struct Engine: Sendable {
    let configuration: Configuration
    let pollers: [Poller]
    let page: Page
    let routes: Routes

    /// Wires the rooms.
    init(_ configuration: Configuration, registry: Registry, logger: Logger) {
        self.configuration = configuration
        let options = registry.entries.map { configuration.collectors[$0.collector.name] ?? Configuration.CollectorOptions() }
        let timings = zip(registry.entries, options).map { $1.timing(over: $0.collector.timing) }
        let enabled = Set(registry.entries.indices.filter { options[$0].enabled ?? registry.entries[$0].collector.enabled })
        let store = Store(registry)
        let isLabelled =
            switch configuration.serverLabel {
            case .always: true
            case .never: false
            case .auto: configuration.servers.count > 1
            }
        let base = enabled.filter { registry.entries[$0].collector.per == .server && registry.entries[$0].collector.cost != .heavy }
            .map { timings[$0].every }.min()
        var watches: [Watch] = []
        var pollers: [Poller] = []
        for (index, server) in configuration.servers.enumerated() {
            let watch = Watch(name: server.name, base: base ?? Cost.light.timing.every, collectors: registry.entries.count)
            watch.disable(registry.entries.indices.filter { !enabled.contains($0) })
            watches.append(watch)
            pollers.append(
                Poller(
                    Target(
                        index: index, server: server, registry: registry, timings: timings, enabled: enabled,
                        isLabelled: isLabelled, store: store, watch: watch, logger: logger)))
        }
        self.pollers = pollers
        let status = Status(
            registry: registry, timings: timings, watches: watches, isLabelled: isLabelled, scrapes: ScrapeCount())
        page = Page(store: store, status: status)
        routes = Routes(page: page, telemetryPath: configuration.web.telemetryPath)
    }
}
