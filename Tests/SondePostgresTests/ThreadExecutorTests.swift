import Glibc
import Testing

@testable import SondePostgres

struct ThreadExecutorTests {
    private actor Worker {
        nonisolated let executor = ThreadExecutor()
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
        private var count = 0

        func work() -> Int {
            count += 1
            return count
        }

        var thread: UInt { UInt(pthread_self()) }
    }

    @Test("jobs run on a thread of their own, one after the other")
    func ownThread() async {
        let worker = Worker()
        worker.executor.hold()
        let first = await worker.thread
        #expect(first == (await worker.thread))
        await withTaskGroup { group in
            for _ in 0..<1_000 { group.addTask { await worker.work() } }
            #expect(await group.reduce(into: Set()) { $0.insert($1) }.count == 1_000)
        }
        worker.executor.letGo()
    }

    @Test("a job that comes after the end of the thread runs all the same")
    func afterShutdown() async throws {
        let worker = Worker()
        worker.executor.hold()
        #expect(await worker.work() == 1)
        worker.executor.letGo()
        try await Task.sleep(for: .milliseconds(20))
        for expected in 2..<200 { #expect(await worker.work() == expected) }
        for round in 0..<200 {
            worker.executor.hold()
            async let value = worker.work()
            worker.executor.letGo()
            #expect(await value == 200 + round)
        }
    }
}
