import Foundation
import Glibc
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ShutdownTests {
    enum State: String, CaseIterable {
        case idle, polling, connecting, refused
    }

    private static let big = [
        "collectors.d/big.yaml": """
        name: big
        help: Many numbers (generate_series()).
        from: generate_series(1, 60000) g
        columns:
          - {label: n, sql: "'a label that is not short at all, so that the page is large ' || g"}
          - {gauge: value, sql: g, help: A number (generate_series()).}
        every: 60s
        limit: {series: 100000}
        """,
        "collectors.d/lazy.yaml": """
        name: lazy
        help: Sleeps (pg_sleep()).
        from: (SELECT pg_sleep(20)) s
        columns:
          - {gauge: value, sql: "1", help: Nothing (nothing).}
        every: 60s
        timeout: 30s
        """,
    ]

    /// Sends a signal and waits, on a thread of its own: others may be busy with tests.
    private func end(_ daemon: DaemonProcess, _ signal: Int32) async throws -> (code: Int32, took: Duration) {
        let program = daemon.program
        return try await blocking {
            let start = ContinuousClock.now
            program.send(signal)
            while program.code() == nil, ContinuousClock.now - start < .seconds(10) { usleep(5_000) }
            return (program.code() ?? 99, .now - start)
        }
    }

    @Test("a signal ends it within two seconds with exit code 0", arguments: State.allCases, [SIGTERM, SIGINT])
    func ends(state: State, signal: Int32) async throws {
        let server = try #require(TestServers.all.last)
        let mute = try FaultListener()
        defer { mute.close() }
        let port =
            switch state {
            case .idle, .polling: server.port
            case .connecting: mute.port
            case .refused: 1
            }
        let files = state == .polling ? Self.big.filter { $0.key.contains("lazy") } : [:]
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: port)], every: nil, slow: nil,
            more: files.isEmpty ? "" : "collectors_dir: collectors.d"
        ).text
        try await withDaemon(text, files: files) { daemon in
            if state == .idle { try await daemon.page("up") { $0.value("pg_up") == 1 } }
            try await Task.sleep(for: .milliseconds(500))
            let end = try await end(daemon, signal)
            print("shutdown: \(state), signal \(signal): code \(end.code) after \(end.took / .milliseconds(1)) ms")
            #expect(end.code == 0)
            #expect(end.took < .seconds(2))
        }
    }

    @Test("a server that is frozen does not keep us")
    func frozen() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            try await withDaemon(text) { daemon in
                try await daemon.page("up") { $0.value("pgsonde_connections") == 2 }
                fault.freeze()
                defer { fault.thaw() }
                // In the midst of a statement that gets no answer.
                try await Task.sleep(for: .milliseconds(1_500))
                let end = try await end(daemon, SIGTERM)
                print("shutdown: frozen: code \(end.code) after \(end.took / .milliseconds(1)) ms")
                #expect(end.code == 0)
                #expect(end.took < .seconds(2))
            }
            try await eventually("no session is left behind", within: .seconds(10)) { try await fault.sessions() == 0 }
        }
    }

    @Test("an answer that is under way to a slow reader is finished")
    func slowReader() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)],
            more: "collectors_dir: collectors.d"
        ).text
        let files = Self.big.filter { $0.key.contains("big") }
        try await withDaemon(text, files: files) { daemon in
            try await eventually("the big one is there") {
                try await daemon.get("/metrics").text.contains("pg_big_value{")
            }
            let reader = FaultListener.connect(to: daemon.port)
            defer { close(reader) }
            let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            _ = unsafe send(reader, request, request.count, 0)
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let first = unsafe recv(reader, &bytes, bytes.count, 0)
            #expect(first > 0)
            let start = ContinuousClock.now
            daemon.program.send(SIGTERM)
            try await Task.sleep(for: .milliseconds(300))
            let head = String(decoding: bytes[..<first], as: UTF8.self)
            let total = try await blocking {
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                var total = first
                while case let count = unsafe recv(reader, &bytes, bytes.count, 0), count > 0 { total += count }
                return total
            }
            let end = await daemon.program.end(within: .seconds(5))
            let took = ContinuousClock.now - start
            print("shutdown: slow reader: \(total) bytes, code \(end ?? -1) after \(took / .milliseconds(1)) ms")
            let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? -1
            let start2 = head.firstRange(of: "\r\n\r\n").map { head[..<$0.upperBound].utf8.count } ?? 0
            #expect(total == length + start2, "the whole answer")
            #expect(length > 4_000_000)
            #expect(end == 0)
            #expect(took < .seconds(2))
        }
    }

    @Test("a reader that does not read does not keep us")
    func deafReader() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], more: "collectors_dir: collectors.d"
        ).text
        try await withDaemon(text, files: Self.big.filter { $0.key.contains("big") }) { daemon in
            try await eventually("the big one is there") {
                try await daemon.get("/metrics").text.contains("pg_big_value{")
            }
            let reader = FaultListener.connect(to: daemon.port)
            defer { close(reader) }
            let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            _ = unsafe send(reader, request, request.count, 0)
            try await Task.sleep(for: .milliseconds(300))
            let end = try await end(daemon, SIGTERM)
            print("shutdown: deaf reader: code \(end.code) after \(end.took / .milliseconds(1)) ms")
            #expect(end.code == 0)
            #expect(end.took < .seconds(2))
        }
    }

    @Test("`once` ends at a signal, too, and not as if it had finished")
    func once() async throws {
        let mute = try FaultListener()
        defer { mute.close() }
        try await DaemonProgram.withFolder { folder in
            let program = try DaemonProgram(
                ["once"], environment: ["DATA_SOURCE_NAME": "host=127.0.0.1 port=\(mute.port) user=monitor password=x"],
                in: folder)
            try await Task.sleep(for: .milliseconds(700))
            let start = ContinuousClock.now
            program.send(SIGTERM)
            let code = await program.end(within: .seconds(10))
            print("shutdown: once: code \(code ?? 99) after \((ContinuousClock.now - start) / .milliseconds(1)) ms")
            #expect(code != nil && code != 0)
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    @Test("`once` does not try for ever where nobody answers")
    func onceMute() async throws {
        let mute = try FaultListener()
        defer { mute.close() }
        let start = ContinuousClock.now
        let result = try await DaemonProgram.run(
            ["once"], environment: ["DATA_SOURCE_NAME": "host=127.0.0.1 port=\(mute.port) user=monitor password=x"])
        print("once: nobody answers: code \(result.code) after \((ContinuousClock.now - start) / .seconds(1)) s")
        #expect(result.code == 1)
        #expect(result.output.contains("pg_up 0"))
        #expect(result.output.contains(#"pgsonde_server_failure{reason="timeout"} 1"#))
        #expect(ContinuousClock.now - start < .seconds(15), "one attempt")
    }
}
