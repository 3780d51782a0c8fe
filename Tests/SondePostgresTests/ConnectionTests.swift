import Glibc
import Sonde
import SondePostgres
import Synchronization
import Testing

/// What needs no real server, since a real one does not do it.
struct ConnectionTests {
    private struct Unread: RowSink {
        func take(_ rows: borrowing Rows, of step: Int) {}
    }

    private static func error(_ connection: Connection, within limit: Duration = .seconds(20)) async -> PostgresError? {
        do throws(PostgresError) {
            try await connection.open(within: limit)
            return nil
        } catch {
            return error
        }
    }

    private static func job(_ timeout: Duration) -> Job {
        Job(step: 0, sql: "SELECT 1", collector: "test", timeout: timeout, prepared: false)
    }

    @Test("a server that accepts and says nothing ends in a timeout")
    func mute() async throws {
        let server = FakeServer { $0.waitForEnd() }
        let connection = Connection(ConnectionSettings(keywords: server.keywords))
        let start = ContinuousClock.now
        let error = try #require(await Self.error(connection, within: .milliseconds(200)))
        #expect(error.errorClass == .timeout)
        #expect(ContinuousClock.now - start >= .milliseconds(200))
    }

    @Test(
        "garbage is an error and no crash",
        arguments: [
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [0], [82, 0, 0, 0, 1], [82, 0x7F, 0xFF, 0xFF, 0xFF],
            [69, 0xFF, 0xFF, 0xFF, 0xFF], Array(repeating: 0xFF, count: 100_000), [69, 0, 0, 0, 5, 0],
            [82, 0, 0, 0, 8, 0, 0, 0, 77], [83, 0, 0, 0, 9, 65, 65, 65, 65, 65],
        ] as [[UInt8]])
    func garbage(bytes: [UInt8]) async throws {
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.send(bytes)
        }
        let connection = Connection(ConnectionSettings(keywords: server.keywords))
        let error = try #require(await Self.error(connection))
        #expect([.network, .other, .auth].contains(error.errorClass))
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 32 })
    }

    @Test(
        "nonsense where TLS shall be is an error in time",
        arguments: [
            [83] + Array(repeating: 0xFF, count: 100_000), [83, 0x16, 3, 3, 0xFF, 0xFF], [83, 0x15, 3, 3, 0, 2, 2, 40],
            [83, 0x16, 3, 3, 0, 4, 2, 0xFF, 0xFF, 0xFF], [83], [88], [69, 0, 0, 0, 5, 0], [78],
        ] as [[UInt8]])
    func noTLS(bytes: [UInt8]) async throws {
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.send(bytes)
            peer.waitForEnd()
        }
        var keywords = server.keywords
        keywords["sslmode"] = "require"
        let start = ContinuousClock.now
        let error = try #require(
            await Self.error(Connection(ConnectionSettings(keywords: keywords)), within: .milliseconds(500)))
        #expect([.network, .timeout, .other, .auth].contains(error.errorClass))
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 32 })
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(
        "a refusal has the class of its code, whatever the language",
        arguments: [
            ("57P03", ErrorClass.startingUp), ("53300", .tooManyConnections), ("28P01", .auth), ("28000", .auth),
            ("08P01", .other), ("3D000", .other), ("XX000", .other),
        ])
    func refusal(sqlstate: String, expected: ErrorClass) async throws {
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.refuse(sqlstate, "数据库系统正在启动: \u{1B}[31mhunter2hunter2\n28000: x")
            peer.waitForEnd()
        }
        let connection = Connection(ConnectionSettings(keywords: server.keywords))
        let error = try #require(await Self.error(connection))
        #expect(error.errorClass == expected)
        #expect(error.sqlstate == sqlstate)
        #expect(error.message.contains("数据库系统正在启动"))
        #expect(!"\(error)".contains("hunter2"), "an evil server echoes the password")
        #expect(!"\(error)".contains("\u{1B}"))
    }

    @Test("a server that wants a password and gets none is an error of authentication")
    func needsPassword() async throws {
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.send(peer.message("R", [0, 0, 0, 3]))
            peer.waitForEnd()
        }
        var keywords = server.keywords
        keywords["password"] = nil
        keywords["passfile"] = "/nonexistent"
        let error = try #require(await Self.error(Connection(ConnectionSettings(keywords: keywords))))
        #expect(error.errorClass == .auth)
    }

    @Test("a mute host leaves time for the next one")
    func muteHost() async throws {
        let mute = FakeServer { $0.waitForEnd() }
        let good = FakeServer { peer in
            peer.welcome()
            peer.answerSetup()
            peer.waitForEnd()
        }
        var keywords = good.keywords
        keywords["host"] = "127.0.0.1,127.0.0.1"
        keywords["port"] = "\(mute.port),\(good.port)"
        let connection = Connection(ConnectionSettings(keywords: keywords))
        #expect(await Self.error(connection, within: .seconds(12)) == nil)
        #expect(connection.serverVersion == 17)
    }

    @Test("a length of two gigabytes is neither awaited for ever nor believed")
    func hugeLength() async throws {
        let server = FakeServer { peer in
            peer.welcome()
            peer.answerSetup()
            _ = peer.receive()
            peer.send(peer.message("1", []) + peer.message("2", []) + [UInt8(ascii: "T"), 0x7F, 0xFF, 0xFF, 0xF0])
            let zeros = [UInt8](repeating: 0, count: 65_536)
            for _ in 0..<64 { peer.send(zeros) }
            peer.waitForEnd()
        }
        var settings = ConnectionSettings(keywords: server.keywords)
        settings.maxResultBytes = 1 << 20
        let connection = Connection(settings)
        try await connection.open(within: .seconds(20))
        let outcomes = await connection.run([Self.job(.seconds(20)), Self.job(.seconds(20))], into: Unread())
        #expect(outcomes.map(\.wasRun) == [true, false])
        #expect(outcomes[0].error != nil)
        #expect(!connection.isOpen)
    }

    @Test("a cancel request that hangs is abandoned, and is the only one")
    func hangingCancel() async throws {
        let gate = Mutex<[Int32]>([])
        let server = FakeServer { peer in
            let bytes = peer.receive() ?? []
            if bytes.count == 16 {
                // A cancel request: kept without an answer until the test shuts the socket down.
                gate.withLock { $0.append(peer.socket) }
                peer.waitForEnd()
                return
            }
            peer.send(
                peer.message("R", [0, 0, 0, 0]) + peer.message("K", [0, 0, 0, 1, 0, 0, 0, 2]) + peer.ready)
            peer.answerSetup()
            peer.waitForEnd()
        }
        let threads = AbandonedThreads()
        for _ in 0..<2 {
            let connection = Connection(ConnectionSettings(keywords: server.keywords), threads: threads)
            try await connection.open(within: .seconds(20))
            let outcomes = await connection.run([Self.job(.milliseconds(50)), Self.job(.seconds(20))], into: Unread())
            #expect(outcomes.map { $0.error?.errorClass } == [.timeout, .timeout])
            #expect(outcomes.map(\.wasRun) == [true, false])
            #expect(threads.cancels == 1)
        }
        let held = gate.withLock { $0 }
        #expect(held.count == 1)
        for socket in held { shutdown(socket, Int32(SHUT_RDWR)) }
        for _ in 0..<1_000 where threads.cancels != 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(threads.cancels == 0)
    }

    @Test("libpq may hang while connecting, and the caller is told in time")
    func hangingConnect() async throws {
        // Where a resolver would hang, libpq here opens a certificate file that is a pipe.
        let pipe = "/tmp/pgsonde-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        defer { unsafe unlink(pipe) }
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.send([UInt8(ascii: "S")])
            peer.waitForEnd()
        }
        var keywords = server.keywords
        keywords["sslmode"] = "verify-ca"
        keywords["sslrootcert"] = pipe
        let threads = AbandonedThreads()
        let connection = Connection(ConnectionSettings(keywords: keywords), threads: threads)
        let error = try #require(await Self.error(connection, within: .seconds(12)))
        #expect(error.errorClass == .timeout)
        #expect(connection.isLost)
        #expect(threads.connects == 1)
        #expect(await connection.run([Self.job(.seconds(20))], into: Unread()).map(\.wasRun) == [false])
        #expect(await connection.close(within: .seconds(20)) == false)
        let second = Connection(ConnectionSettings(keywords: server.keywords), threads: threads)
        #expect(await Self.error(second)?.errorClass == .timeout, "no second one while the first hangs")
        // Whoever opens the other end lets libpq go on.
        close(unsafe open(pipe, O_WRONLY | O_NONBLOCK))
        for _ in 0..<1_000 where threads.connects != 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(threads.connects == 0)
    }

    @Test("an option that this libpq does not know is named")
    func unknownOption() async throws {
        let settings = ConnectionSettings(keywords: ["hosst": "secret", "password": "hunter2hunter2"])
        let error = try #require(await Self.error(Connection(settings)))
        #expect(error.errorClass == .other)
        #expect(error.message.hasSuffix("does not know the connection option \"hosst\""))
        #expect(!"\(error) \(settings)".contains("secret"))
        #expect(!String(reflecting: settings).contains("hunter2"))
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test("an option with a wrong value is an error before any network")
    func wrongValue() async throws {
        let error = try #require(await Self.error(Connection(ConnectionSettings(keywords: ["sslmode": "maybe"]))))
        #expect(error.errorClass == .other)
    }

    @Test("a connection that was never opened can be run, interrupted and closed")
    func neverOpened() async {
        let connection = Connection(ConnectionSettings(keywords: [:]))
        connection.interrupt()
        #expect(await connection.run([Self.job(.seconds(20))], into: Unread()).map(\.wasRun) == [false])
        #expect(await connection.close(within: .seconds(20)) == false)
    }

    @Test("connecting ends when its task is cancelled")
    func cancelledConnect() async throws {
        let (began, signal) = AsyncStream.makeStream(of: Void.self)
        let server = FakeServer { peer in
            signal.yield()
            peer.waitForEnd()
        }
        let connection = Connection(ConnectionSettings(keywords: server.keywords))
        let task = Task { await Self.error(connection, within: .seconds(600)) }
        for await _ in began { break }
        task.cancel()
        #expect(await task.value?.message == "interrupted while connecting")
    }
}
