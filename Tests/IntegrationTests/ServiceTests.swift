import Foundation
import Glibc
import Synchronization
import Testing

/// The daemon as systemd starts it: the test is systemd.
@Suite("A service of systemd's", .enabled(if: TestServers.shared != nil))
struct ServiceTests {
    /// What systemd has heard since the last ``forget()``.
    private final class Hearing: Sendable {
        let listener: NotifyListener
        private let heard = Mutex<[String]>([])

        init() throws {
            listener = try NotifyListener(isAbstract: true)
        }

        /// All of it, in order.
        var messages: [String] {
            let more = listener.messages()
            return heard.withLock { heard in
                heard += more
                return heard
            }
        }

        func forget() {
            _ = messages
            heard.withLock { $0 = [] }
        }

        /// Waits until a message has come that has a text in it.
        func await(_ text: String) async throws {
            try await eventually("systemd hears \(text)") { messages.contains { $0.contains(text) } }
        }

        /// How often a message has come.
        func count(_ text: String) -> Int { messages.count { $0 == text } }

        /// Whether a reload was announced, and was over then.
        var hasReloaded: Bool {
            let all = messages
            let begin = all.firstIndex { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
            return begin.map { all[$0...].contains { $0.hasPrefix("READY=1\nSTATUS=") } } ?? false
        }
    }

    private static func configuration(_ fault: FaultServer, level: String = "info") -> String {
        """
        servers:
          - name: one
            host: \(fault.server.host)
            port: \(fault.server.port)
            user: monitor
            dbname: postgres
            password_command: env >{folder}/env; ls -l /proc/self/fd >{folder}/files; echo monitor
        collectors:
          activity: {every: 1s, timeout: 500ms}
        log: {level: \(level)}
        """
    }

    @Test("systemd hears of the start, of every reload and of the end; a frozen server is no reason to start anew")
    func notifies() async throws {
        let systemd = try Hearing()
        let environment = ["NOTIFY_SOCKET": systemd.listener.address, "WATCHDOG_USEC": "800000"]
        try await FaultServer.with { fault in
            try await withDaemon(Self.configuration(fault), environment: environment) { daemon in
                try await Self.live(daemon, fault, systemd)
            }
        }
    }

    private static func live(_ daemon: DaemonProcess, _ fault: FaultServer, _ systemd: Hearing) async throws {
        try await systemd.await("READY=1")
        try await systemd.await("STATUS=1 of 1 server answers")
        let variables = try String(contentsOf: daemon.folder.appendingPathComponent("env"), encoding: .utf8)
        #expect(variables.contains("PWD=") && !variables.contains("NOTIFY") && !variables.contains("WATCHDOG"))

        fault.freeze()
        systemd.forget()
        try await systemd.await("STATUS=0 of 1 server answers")
        // Ten times what systemd would wait for.
        systemd.forget()
        try await Task.sleep(for: .seconds(8))
        #expect(systemd.count("WATCHDOG=1") >= 10, "a database that hangs is no reason")
        fault.thaw()

        let file = daemon.folder.appendingPathComponent("pgsonde.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        for level in ["error", "info"] {
            try Data(text.replacing("level: info", with: "level: \(level)").utf8).write(to: file)
            systemd.forget()
            daemon.program.send(SIGHUP)
            try await systemd.await("READY=1")
            #expect(systemd.hasReloaded)
            #expect(daemon.log.contains("the configuration was read anew") == (level == "info"))
        }
        try Data("servers: [{name: one, hots: x}]".utf8).write(to: file)
        systemd.forget()
        daemon.program.send(SIGHUP)
        try await systemd.await("the configuration on disk has mistakes")
        #expect(systemd.hasReloaded, "the old one is in force")
        let (code, _) = try await daemon.terminate()
        #expect(code == 0)
        #expect(systemd.count("STOPPING=1\nSTATUS=ending") == 1)
    }

    @Test("all sockets that systemd hands over are listened on, and nothing else; no command gets them")
    func sockets() async throws {
        let server = try await PageServers.shared.server(try #require(TestServers.all.last).major)
        let code = """
            import os, socket, sys
            folder = sys.argv[1]
            tcp = socket.create_server(("127.0.0.1", 0))
            unix = socket.socket(socket.AF_UNIX)
            unix.bind(folder + "/web.sock")
            unix.listen()
            print(tcp.getsockname()[1], flush=True)
            files = [os.dup(tcp.fileno()), os.dup(unix.fileno())]
            for number, file in enumerate([os.dup2(file, 20 + file) for file in files]):
                os.dup2(file, 3 + number)
            os.closerange(5, 100)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="a:b")
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let configuration = """
            web: {listen: "127.0.0.1:1"}
            servers:
              - host: \(server.host)
                port: \(server.port)
                user: monitor
                dbname: postgres
                password_command: env >env; ls -l /proc/self/fd >files; echo monitor
            """
        try await DaemonProgram.withFolder(["pgsonde.yaml": configuration.replacing(">", with: ">{folder}/")]) {
            folder in
            let file = folder.appendingPathComponent("pgsonde.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("{folder}", with: folder.path).utf8).write(to: file)
            let daemon = try DaemonProgram(
                ["-c", code, folder.path, DaemonProgram.path, "run", "--config.file=\(file.path)"], in: folder,
                program: "/usr/bin/python3")
            do {
                try await eventually("it listens on both") { daemon.error.split(separator: "msg=listening").count == 3 }
                let port = daemon.output.trimmingCharacters(in: .newlines)
                for address in ["127.0.0.1:\(port)", "unix:\(folder.path)/web.sock"] {
                    try await eventually("the page is there on \(address)") {
                        try await PageRequest(address: address, method: "GET", path: "/metrics", headers: [:])
                            .response(within: .seconds(5)).text.contains("pg_up 1")
                    }
                }
                let read = { (name: String) in
                    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
                }
                #expect(try !read("env").contains("LISTEN_"))
                let files = try read("files")
                #expect(!files.contains("socket:"), "closed in commands: \(files)")
                #expect(await daemon.ending(after: SIGTERM, within: .seconds(10))?.code == 0)
                #expect(FileManager.default.fileExists(atPath: folder.path + "/web.sock"), "it is systemd's")
            } catch {
                await daemon.stop()
                Issue.record("\(daemon.error.suffix(4_000))")
                throw error
            }
        }
    }
}
