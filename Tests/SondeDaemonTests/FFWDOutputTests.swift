import Logging
import NIOCore
import Sonde
import Testing

@testable import SondeDaemon

@Suite("FFWD: sending")
struct FFWDOutputTests {
    private let registry: Registry
    private let server = Configuration.Server(name: "main", keywords: ["host": "db1.example.com,db2"])
    private let source = Store.Source(server: 0, collector: 0, database: "")

    init() throws {
        let database = Definition(
            "database", help: "h", from: "t",
            columns: [
                .label("datname", "d"), .counter("xact_commit_total", "1", help: "A."),
                .counter("xact_rollback_total", "1", help: "B."),
            ])
        registry = try Registry([Registry.Entry(database)])
    }

    private func texts(_ commits: Int, _ rollbacks: Int) -> [ByteBuffer] {
        [("commit", commits), ("rollback", rollbacks)].map { name, value in
            ByteBuffer(string: "pg_database_xact_\(name)_total{datname=\"app\"} \(value)\n")
        }
    }

    private func eventually(_ isDone: () -> Bool) async {
        for _ in 0..<500 where !isDone() { try? await Task.sleep(for: .milliseconds(20)) }
    }

    private func running(_ output: FFWDOutput, _ body: () async throws -> Void) async rethrows {
        let run = Task { await output.run() }
        await eventually { output.isRunning }
        try await body()
        run.cancel()
        _ = await run.result
    }

    @Test("what is published arrives as datagrams, one for each metric, rates from the second poll on")
    func arrives() async throws {
        let listener = try await DatagramListener()
        let target = Configuration.FFWD(port: listener.port, key: "pg")
        let output = FFWDOutput(target, servers: [server], registry: registry, logger: Logger(label: "test"))
        let store = Store(registry, output: output)
        try await running(output) {
            store.publish(texts(100, 10), from: source, expires: .now + .seconds(60))
            try await Task.sleep(for: .milliseconds(50))
            #expect(listener.texts.isEmpty)
            store.publish(texts(200, 10), from: source, expires: .now + .seconds(60))
            await eventually { listener.texts.count == 2 }
        }
        #expect(output.counts == FFWDOutput.Counts(sent: 2, failed: 0, dropped: 0))
        let sent = listener.texts.sorted()
        #expect(sent.count == 2)
        #expect(sent.allSatisfy { $0.hasPrefix(#"{"type":"metric","key":"pg","value":"#) })
        #expect(sent.allSatisfy { $0.contains(#""host":"db1.example.com","attributes":{"what":"transaction-r"#) })
        #expect(sent.contains { $0.contains(#""value":0,"#) && $0.contains("transaction-rollbacks") })
        #expect(sent.allSatisfy { $0.hasSuffix(#""type":"transactions","database":"app","unit":"transaction"}}"#) })
        await listener.close()
    }

    @Test("many datagrams are sent in portions, and all arrive")
    func many() async throws {
        let listener = try await DatagramListener()
        var sender = DatagramSender(host: "localhost", port: listener.port)
        let result = await sender.send((0..<500).map { ByteBuffer(string: "\($0)") })
        await eventually { listener.texts.count == 500 }
        #expect(result == DatagramSender.Result(sent: 500))
        #expect(listener.texts == (0..<500).map(String.init))
        await sender.close()
        await listener.close()
    }

    @Test("where there is no such host nothing waits: all counts as failed")
    func unknownHost() async throws {
        let target = Configuration.FFWD(host: "nowhere.invalid")
        let output = FFWDOutput(target, servers: [server], registry: registry, logger: Logger(label: "test"))
        await running(output) {
            output.take(texts(1, 1), from: source)
            output.take(texts(2, 2), from: source)
            await eventually { output.counts.failed == 2 }
        }
        #expect(output.counts == FFWDOutput.Counts(sent: 0, failed: 2, dropped: 0))
    }

    @Test("what is too much is left out and counted; what comes while it does not run is not kept")
    func bounded() async throws {
        let output = FFWDOutput(
            Configuration.FFWD(), servers: [server], registry: registry, logger: Logger(label: "test"))
        output.take(texts(1, 1), from: source)
        #expect(output.counts == FFWDOutput.Counts())
        let large = [ByteBuffer(repeating: UInt8(ascii: "x"), count: 33 << 20), ByteBuffer()]
        await running(output) { output.take(large, from: source) }
        #expect(output.counts == FFWDOutput.Counts(sent: 0, failed: 0, dropped: 1))
    }

    @Test(
        "the host is the server's, and this machine's name where it is here",
        arguments: [
            (["host": "db1"], "db1"), (["host": "db1,db2"], "db1"), (["hostaddr": "10.0.0.1"], "10.0.0.1"),
            (["host": "/var/run"], nil), (["host": "127.0.0.1"], nil), (["host": "localhost"], nil),
        ] as [([String: String], String?)])
    func hosts(keywords: [String: String], name: String?) {
        let found = FFWDHost.name(of: Configuration.Server(name: "x", keywords: keywords))
        #expect(name.map { found == $0 } ?? (!found.isEmpty && found != keywords["host"]))
    }
}
