import Glibc
import Sonde
import SondePostgres
import Synchronization
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ConnectionFaultTests {
    @Test("a deadline ends its query by a cancel request, and the session goes on", arguments: TestServers.all)
    func deadline(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            let sink = TestSink()
            let outcomes = await connection.run(
                [
                    .test("SELECT 1 AS x", step: 0),
                    .test("SELECT pg_sleep(60)", step: 1, timeout: .milliseconds(200)),
                    .test("SELECT 2 AS x", step: 2),
                    .test("SELECT pg_sleep(60)", step: 3, timeout: .milliseconds(200)),
                    .test("SELECT pg_sleep(0.3)", step: 4),
                ], into: sink)
            #expect(outcomes.map { $0.error?.errorClass } == [nil, .timeout, nil, .timeout, nil])
            #expect(outcomes[1].error?.sqlstate == "57014")
            #expect(outcomes[1].error?.message == "no end within 0.2 seconds")
            #expect(outcomes.map { $0.duration < .seconds(20) } == Array(repeating: true, count: 5))
            #expect(sink.tables.keys.sorted() == [0, 2, 4])
            #expect(connection.isOpen)
            #expect(try await connection.value("SELECT 3") == "3")
        }
    }

    @Test("a late cancel request costs nobody's run", arguments: TestServers.newest)
    func lateCancel(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            // The deadline falls close to the statement's end, so that some requests arrive too late.
            for round in 0..<40 {
                let outcomes = await connection.run(
                    [
                        .test("SELECT pg_sleep(0.05)", step: 0, timeout: .microseconds(49_000 + round * 100)),
                        .test("SELECT pg_sleep(0.02)", step: 1), .test("SELECT 2", step: 2),
                    ], into: TestSink())
                #expect([nil, .timeout].contains(outcomes[0].error?.errorClass), "\(outcomes)")
                if !connection.isOpen { break }
                #expect(outcomes[1].error == nil)
                #expect(outcomes[2].error == nil)
            }
        }
    }

    @Test("the server's own time limit is a timeout too", arguments: TestServers.newest)
    func serverSide(server: TestServers.Server) async throws {
        var settings = server.settings()
        settings.statementTimeout = .milliseconds(100)
        try await server.withConnection(settings) { connection async throws in
            let outcomes = await connection.run(
                [.test("SELECT pg_sleep(60)"), .test("SELECT 1", step: 1)], into: TestSink())
            #expect(outcomes.map { $0.error?.errorClass } == [.timeout, nil])
            #expect(outcomes[0].error?.sqlstate == "57014")
        }
    }

    @Test("a locked table is a timeout before long", arguments: TestServers.newest)
    func locked(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows("CREATE TABLE public.locked (x int)")
            _ = try await owner.rows("GRANT SELECT ON public.locked TO monitor")
            try await server.withSuperuser { locker async throws in
                for sql in ["BEGIN", "LOCK TABLE public.locked"] { _ = try await locker.rows(sql) }
                try await server.withConnection { connection async throws in
                    let outcomes = await connection.run(
                        [.test("SELECT * FROM public.locked"), .test("SELECT 1", step: 1)], into: TestSink())
                    #expect(outcomes.map { $0.error?.sqlstate } == ["55P03", nil])
                    #expect(outcomes[0].error?.errorClass == .timeout)
                }
                _ = try await locker.rows("ROLLBACK")
            }
            _ = try await owner.rows("DROP TABLE public.locked")
        }
    }

    @Test("a frozen server process ends in a timeout, and the session with it", arguments: TestServers.all)
    func frozen(server: TestServers.Server) async throws {
        let connection = Connection(server.settings())
        try await connection.open(within: .seconds(30))
        let process = try #require(connection.processID)
        try #require(kill(process, SIGSTOP) == 0)
        defer { kill(process, SIGCONT) }
        let outcomes = await connection.run(
            [
                .test("SELECT 1", step: 0, timeout: .milliseconds(300)), .test("SELECT 2", step: 1),
            ], into: TestSink())
        #expect(outcomes.map(\.wasRun) == [true, false])
        #expect(outcomes[0].error?.errorClass == .timeout)
        #expect(outcomes[0].duration >= .milliseconds(300))
        #expect(outcomes[0].duration < .seconds(20))
        #expect(!connection.isOpen)
        let later = await connection.run([.test("SELECT 1")], into: TestSink())
        #expect(later.map(\.wasRun) == [false])
    }

    @Test("a session that the server ends while it runs is a network error", arguments: TestServers.all)
    func terminated(server: TestServers.Server) async throws {
        let connection = Connection(server.settings())
        try await connection.open(within: .seconds(30))
        let process = try #require(connection.processID)
        async let running = connection.run(
            [.test("SELECT 1"), .test("SELECT pg_sleep(60)", step: 1), .test("SELECT 2", step: 2)], into: TestSink())
        try await server.withSuperuser { owner async throws in
            while try await owner.value("SELECT query FROM pg_stat_activity WHERE pid = \(process)")?.contains("sleep")
                != true
            {}
            _ = try await owner.rows("SELECT pg_terminate_backend(\(process))")
        }
        let outcomes = await running
        #expect(outcomes.map(\.wasRun) == [true, true, false])
        #expect(outcomes[1].error?.errorClass == .network)
        #expect(outcomes[1].error?.sqlstate == "57P01", "\(outcomes[1])")
        #expect(!connection.isOpen)
    }

    @Test("a session that the server ended while it was idle runs nothing", arguments: TestServers.all)
    func terminatedIdle(server: TestServers.Server) async throws {
        let connection = Connection(server.settings())
        try await connection.open(within: .seconds(30))
        let process = try #require(connection.processID)
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows("SELECT pg_terminate_backend(\(process))")
            while try await owner.value("SELECT count(*) FROM pg_stat_activity WHERE pid = \(process)") != "0" {}
        }
        let outcomes = await connection.run([.test("SELECT 1"), .test("SELECT 2", step: 1)], into: TestSink())
        #expect(outcomes.allSatisfy { $0.error?.errorClass == .network })
        #expect(!connection.isOpen)
    }

    @Test("an interruption from outside ends what runs", arguments: [false, true])
    func interrupted(byTask: Bool) async throws {
        let server = try #require(TestServers.newest.first)
        let connection = Connection(server.settings())
        try await connection.open(within: .seconds(30))
        let (began, signal) = AsyncStream.makeStream(of: Int.self)
        let sink = TestSink { signal.yield($0) }
        let task = Task {
            await connection.run(
                [.test("SELECT 1"), .test("SELECT pg_sleep(60)", step: 1), .test("SELECT 2", step: 2)], into: sink)
        }
        for await step in began where step == 0 { break }
        if byTask { task.cancel() } else { connection.interrupt() }
        let outcomes = await task.value
        #expect(outcomes[0].error == nil)
        #expect(outcomes[1].error?.message == "interrupted")
        #expect(outcomes[1].duration < .seconds(20))
        #expect(outcomes.map(\.wasRun) == [true, true, false])
        #expect(!connection.isOpen, "the rest was sent already")
    }

    @Test("an interruption of nothing does not disturb the next run", arguments: TestServers.newest)
    func staleInterruption(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            connection.interrupt()
            #expect(try await connection.value("SELECT 1") == "1")
            let interrupted = Task {
                connection.interrupt()
                return await connection.run([.test("SELECT pg_sleep(0.01)")], into: TestSink())
            }
            #expect(await interrupted.value.compactMap(\.error) == [])
        }
    }

    @Test("a run whose task is cancelled beforehand runs nothing", arguments: TestServers.newest)
    func cancelledBefore(server: TestServers.Server) async throws {
        try await server.withConnection { connection async throws in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await connection.run([.test("SELECT 1")], into: TestSink())
            }
            task.cancel()
            #expect(await task.value.map(\.wasRun) == [false])
            #expect(try await connection.value("SELECT 2") == "2")
        }
    }

    @Test("a connection that is let go ends its session", arguments: TestServers.newest)
    func letGo(server: TestServers.Server) async throws {
        let process = try await {
            let connection = Connection(server.settings())
            try await connection.open(within: .seconds(30))
            return try #require(connection.processID)
        }()
        try await server.withSuperuser { owner async throws in
            var left = "1"
            for _ in 0..<1_000 where left != "0" {
                left = try await owner.value("SELECT count(*) FROM pg_stat_activity WHERE pid = \(process)") ?? ""
            }
            #expect(left == "0")
        }
    }

    @Test("many connects leave neither descriptors nor threads behind", arguments: TestServers.newest)
    func leaks(server: TestServers.Server) async throws {
        let count = { (folder: String) in
            guard let directory = unsafe opendir("/proc/self/\(folder)") else { return -1 }
            defer { unsafe closedir(directory) }
            var entries = 0
            while unsafe readdir(directory) != nil { entries += 1 }
            return entries
        }
        let before = ["fd", "task"].map(count)
        for round in 0..<300 {
            let settings = round % 3 == 0 ? server.settings("monitor", ["password": "wrong"]) : server.settings()
            let connection = Connection(settings)
            try? await connection.open(within: .seconds(30))
            _ = await connection.run([.test("SELECT 1")], into: TestSink())
            if round % 2 == 0 { await connection.close(within: .seconds(10)) }
        }
        // Other tests run at the same time: a leak of one for each connect is far above what they need.
        for _ in 0..<500 where zip(["fd", "task"].map(count), before).contains(where: { $0 > $1 + 60 }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        for (now, then) in zip(["fd", "task"].map(count), before) { #expect(now <= then + 60) }
    }
}
