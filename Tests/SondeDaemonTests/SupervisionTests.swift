import Glibc
import Logging
import Sonde
import SondePostgres
import Synchronization
import Testing

@testable import SondeDaemon

@Suite("Supervision by systemd")
struct SupervisionTests {
    @Test("messages reach a socket at a path and one in the abstract namespace", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let listener = try NotifyListener(isAbstract: isAbstract)
        let socket = try #require(NotifySocket(listener.address))
        socket.send(.ready, .status("1 of 2\nservers"))
        socket.send(.alive)
        socket.send(.stopping)
        #expect(listener.messages() == ["READY=1\nSTATUS=1 of 2 servers", "WATCHDOG=1", "STOPPING=1"])
        var before = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &before)
        socket.send(.reloading)
        let words = try #require(listener.messages().first).split(separator: "\n")
        #expect(words.first == "RELOADING=1" && words.count == 2)
        let time = try #require(words.last?.split(separator: "=").last.flatMap { Int($0) })
        #expect(words.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect((0..<60_000_000).contains(time - before.tv_sec * 1_000_000 - before.tv_nsec / 1_000))
    }

    @Test("what systemd has no room for is sent later, in order")
    func later() throws {
        let listener = try NotifyListener()
        let socket = try #require(NotifySocket(listener.address))
        // As many as one may be behind with, beyond what the kernel keeps.
        var sent = 0
        while sent < 10_000 {
            sent += 1
            socket.send(.status("\(sent)"))
            // The kernel's queue of datagrams is short: it is full by now.
            if sent > 300 { break }
        }
        var found = listener.messages()
        while true {
            socket.flush()
            let more = listener.messages()
            if more.isEmpty { break }
            found += more
        }
        let numbers = found.compactMap { Int($0.dropFirst("STATUS=".count)) }
        #expect(numbers == numbers.sorted() && numbers.last == sent)
    }

    @Test(
        "what is no socket's address is none",
        arguments: ["", "@", "/", "run/notify", "vsock:2:1234", "/" + String(repeating: "x", count: 107), "/a\0b"])
    func noAddress(_ address: String) {
        #expect(NotifySocket(address) == nil)
    }

    @Test("nobody who listens is no reason to wait or to fail")
    func nobody() throws {
        let socket = try #require(NotifySocket("/tmp/pgsonde-there-is-nobody-here"))
        for _ in 0..<100 { socket.send(.alive) }
    }

    @Test(
        "the watchdog is meant for the process that it names",
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "60000000"], .seconds(60)),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "7"], .milliseconds(500)),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil), (["WATCHDOG_USEC": "-1"], nil),
            (["WATCHDOG_USEC": "99999999999999999999"], nil),
        ] as [([String: String], Duration?)])
    func watchdog(_ variables: [String: String], _ expected: Duration?) {
        #expect(ServiceVariables.watchdog(variables, process: 7) == expected)
    }

    @Test("systemd is told that all goes on while it does, not while something hangs, and that it ends")
    func feeding() async throws {
        let listener = try NotifyListener()
        let socket = try #require(NotifySocket(listener.address))
        let hangs = Mutex(false)
        let supervision = Supervision(
            socket: socket, watchdog: .milliseconds(40),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, status: { "1 of 1 server answers" },
            stall: { hangs.withLock { $0 } ? "the polling of x hangs" : nil })
        let task = Task { try await supervision.run() }
        func hear(_ message: String) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while !listener.messages().contains(message) {
                try #require(.now < deadline, "nobody says \(message)")
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        try await hear("STATUS=1 of 1 server answers")
        try await hear("WATCHDOG=1")
        hangs.withLock { $0 = true }
        try await hear("STATUS=the polling of x hangs")
        try await Task.sleep(for: .milliseconds(300))
        #expect(!listener.messages().contains("WATCHDOG=1"), "a hang is not fed")
        hangs.withLock { $0 = false }
        try await hear("WATCHDOG=1")
        task.cancel()
        try await task.value
        #expect(listener.messages().last == "STOPPING=1\nSTATUS=ending")
    }

    @Test("what works has until the time that it said, what waits until it is due, each with some slack")
    func pulse() {
        let pulse = Pulse(slack: .seconds(10))
        let now = ContinuousClock.now
        #expect(!pulse.hangs(at: now, due: nil), "for ever, where nothing is due")
        #expect(!pulse.hangs(at: now, due: now - .seconds(9)))
        #expect(pulse.hangs(at: now, due: now - .seconds(11)))
        pulse.work(within: .seconds(100))
        #expect(!pulse.hangs(at: now + .seconds(105), due: now - .seconds(11)), "something due waits for what works")
        #expect(pulse.hangs(at: now + .seconds(120), due: nil))
        pulse.rest()
        #expect(!pulse.hangs(at: now + .seconds(120), due: nil))
    }
}

@Suite("A poller that hangs")
struct PollerStallTests {
    /// Opened once, for all.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)
        private let isEntered = Mutex(false)

        /// Whether somebody waits, or has waited.
        var wasEntered: Bool { isEntered.withLock { $0 } }

        func open() { isOpen.withLock { $0 = true } }
        func pass() {
            isEntered.withLock { $0 = true }
            while !isOpen.withLock({ $0 }) { usleep(5_000) }
        }
    }

    /// Holds up whoever logs, as nothing in the scheduler should.
    private struct Holding: LogHandler {
        let gate: Gate
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { gate.pass() }
    }

    private static func target(
        port: Int, connections: Int, _ handler: @escaping @Sendable () -> any LogHandler
    ) throws -> Target {
        var server = Configuration.Server(name: "a", keywords: ["host": "127.0.0.1", "port": "\(port)"])
        server.connections = connections
        let setup = Setup(
            configuration: Configuration(servers: [server]), registry: try Registry([]), second: SecondSet(),
            logger: Logger(label: "test") { _ in handler() }, logStyle: LogStyle(level: .info, format: .logfmt),
            problems: [], files: [])
        return try #require(Engine(setup).pollers.first).target
    }

    @Test("its scheduler is seen to hang, and seen to go on", arguments: [1, 2])
    func hangs(connections: Int) async throws {
        let gate = Gate()
        defer { gate.open() }
        // Nobody listens there, which is said in the log.
        let target = try Self.target(port: 1, connections: connections) { Holding(gate: gate) }
        let poller = Poller(target, slack: .milliseconds(200))
        // On a thread of its own, for it is held up.
        let task = Task { await Guest.run(within: .seconds(60), { await poller.run() }, late: {}) }
        let deadline = ContinuousClock.now + .seconds(30)
        while !gate.wasEntered || poller.stall(at: .now) == nil, .now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(poller.stall(at: .now) == "the polling of a hangs in its fast lane")
        gate.open()
        while poller.stall(at: .now) != nil, .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(poller.stall(at: .now) == nil)
        task.cancel()
        _ = await task.value
    }

    @Test("a server that never answers is no reason")
    func mute() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        unsafe address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, length) | listen(listener, 8) | getsockname(listener, $0, &length)
            }
        }
        try #require(code == 0)
        let target = try Self.target(port: Int(UInt16(bigEndian: address.sin_port)), connections: 2) {
            SwiftLogNoOpLogHandler()
        }
        let poller = Poller(target, slack: .seconds(3))
        let task = Task { await poller.run() }
        // From where it waits for an answer: longer than the slack, shorter than the time that it has to connect.
        let deadline = ContinuousClock.now + .seconds(30)
        var hasCome = false
        while !hasCome, .now < deadline {
            var file = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            hasCome = unsafe Glibc.poll(&file, 1, 0) > 0
            if !hasCome { try await Task.sleep(for: .milliseconds(20)) }
        }
        try #require(hasCome)
        try await Task.sleep(for: .seconds(4))
        #expect(poller.stall(at: .now) == nil)
        task.cancel()
        await task.value
    }
}
