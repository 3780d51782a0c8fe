import Logging
import ServiceLifecycle
import Sonde
import Synchronization
import UnixSignals

/// Runs the engine in force, and puts another in its place when the configuration is read anew.
///
/// Where anything is wrong with what was read, all stays as it is, but for files that were left out already. What is the same stays as
/// it was: sessions, numbers on the page, counters, what collectors remember.
actor Reloader: Service {
    /// What came of a reading.
    enum Outcome: Sendable {
        /// What was read is in force, without the files that these are the mistakes of, a line each.
        case done(leftOut: [String])
        /// Nothing has changed, for these reasons, a line each.
        case refused([String])
    }

    private let load: @Sendable () throws -> Setup
    private let hangups: UnixSignalsSequence?
    private let systemd: NotifySocket?
    private let logger: Logger
    private let inForce: Mutex<Engine>
    /// The files with mistakes that the engine in force does without.
    private var leftOut: Set<String>
    /// What the listener has got, whatever is read later.
    private let web: Configuration.Web
    private let services: AsyncStream<@Sendable () async -> Void>
    private let starting: AsyncStream<@Sendable () async -> Void>.Continuation

    /// Takes what was read at the start.
    ///
    /// - Parameters:
    ///   - setup: the configuration.
    ///   - hangups: what comes when it is to be read anew.
    ///   - systemd: who is to know of that.
    ///   - load: reads it anew.
    init(
        _ setup: Setup, hangups: UnixSignalsSequence? = nil, systemd: NotifySocket? = nil,
        load: @escaping @Sendable () throws -> Setup
    ) {
        self.load = load
        self.hangups = hangups
        self.systemd = systemd
        logger = setup.logger
        web = setup.configuration.web
        inForce = Mutex(Engine(setup))
        leftOut = Set(setup.problems.map(\.file))
        (services, starting) = AsyncStream.makeStream()
    }

    /// The engine in force.
    nonisolated var engine: Engine { inForce.withLock { $0 } }

    /// Runs pollers and outputs, those of now and those to come, until the service group shuts down.
    func run() async throws {
        start(engine, after: nil)
        await cancelWhenGracefulShutdown { [services] in
            await withDiscardingTaskGroup { group in
                group.addTask { await self.listen() }
                group.addTask { await self.watch() }
                for await service in services { group.addTask { await service() } }
            }
        }
    }

    /// Reads the configuration anew whenever a SIGHUP comes.
    private func listen() async {
        guard let hangups else { return }
        for await _ in hangups { reload() }
    }

    /// Reads the configuration anew whenever its files have changed and then stayed as they are for one more look.
    private func watch() async {
        var read = FileStamp(engine.configuration.watchedPaths)
        var last = read
        while (try? await Task.sleep(for: FileStamp.interval)) != nil {
            let paths = engine.configuration.watchedPaths
            guard !paths.isEmpty else { continue }
            let now = FileStamp(paths)
            if now != read, now == last {
                reload()
                // What has changed meanwhile is seen by the next look; the folder may be another one by now.
                read = engine.configuration.watchedPaths == paths ? now : FileStamp(engine.configuration.watchedPaths)
            }
            last = now
        }
    }

    /// Reads the configuration anew: here it begins, and when this returns it has ended.
    @discardableResult func reload() -> Outcome {
        let before = engine
        logger.notice("reading the configuration anew")
        systemd?.send(.reloading, .status("reading the configuration anew"))
        defer { systemd?.send(.ready, .status(engine.page.status.sentence(at: .now))) }
        do {
            let setup = try load()
            let bad = Set(setup.problems.map(\.file))
            // Each problem has been logged.
            let problems = setup.problems.map(\.description)
            guard bad.isSubset(of: leftOut) else { return refuse(problems, setup.files) }
            leftOut = bad
            let next = Engine(setup, after: before)
            inForce.withLock { $0 = next }
            setup.logStyle.set(level: setup.configuration.logLevel, format: setup.configuration.logFormat)
            Task { await setup.warnOfPasswordFiles() }
            start(next, after: before)
            next.reading.note(problems: problems, files: setup.files, isInForce: true)
            let stays = web.fixedKeys(differingFrom: setup.configuration.web)
            if !stays.isEmpty {
                setup.logger.warning(
                    "what has changed under \(stays.joined(separator: ", ")) holds from the next start on")
            }
            setup.logger.notice(
                "the configuration was read anew",
                metadata: ["servers": "\(next.pollers.count)", "collectors": "\(setup.registry.entries.count)"])
            return .done(leftOut: problems)
        } catch {
            let lines = "\(error)".split(separator: "\n").map(String.init)
            for line in lines { logger.error("\(line)") }
            return refuse(lines, nil)
        }
    }

    private func refuse(_ problems: [String], _ files: [LastReading.File]?) -> Outcome {
        engine.reading.note(problems: problems, files: files, isInForce: false)
        logger.error(
            "nothing has changed: the configuration from before stays in force",
            metadata: ["mistakes": "\(problems.count)"])
        return .refused(problems)
    }

    /// Starts what runs in an engine and not in the one before, and ends what runs no more.
    private func start(_ engine: Engine, after before: Engine?) {
        let old = before?.pollers ?? []
        for poller in engine.pollers where !old.contains(where: { $0 === poller }) {
            starting.yield { await poller.run() }
        }
        for poller in old where !engine.pollers.contains(where: { $0 === poller }) { poller.end() }
        before?.localPoller?.end()
        if let poller = engine.localPoller { starting.yield { await poller.run() } }
        guard engine.output !== before?.output else { return }
        before?.output?.end()
        if let output = engine.output { starting.yield { await output.run() } }
    }
}
