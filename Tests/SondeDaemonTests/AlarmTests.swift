import Testing

@testable import SondeDaemon

@Suite("A wait that can be ended early")
struct AlarmTests {
    private let alarm = Alarm()

    @Test("it ends when its time has come", .timeLimit(.minutes(1)))
    func time() async {
        #expect(await alarm.wait(until: .now + .milliseconds(10)))
        #expect(await alarm.wait(until: .now - .seconds(1)))
    }

    @Test("it ends when it rings, also if that was before", .timeLimit(.minutes(1)))
    func ring() async {
        alarm.ring()
        #expect(await alarm.wait(until: nil))
        async let wait = alarm.wait(until: nil)
        try? await Task.sleep(for: .milliseconds(20))
        alarm.ring()
        #expect(await wait)
    }

    @Test("a cancelled task waits no longer", .timeLimit(.minutes(1)))
    func cancelled() async {
        let task = Task { await alarm.wait(until: nil) }
        try? await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await !task.value)
    }

    @Test("many waits, one after the other, with rings at any time", .timeLimit(.minutes(1)))
    func many() async {
        await withTaskGroup { group in
            group.addTask { for _ in 0..<500 { _ = await alarm.wait(until: .now + .milliseconds(1)) } }
            group.addTask {
                for _ in 0..<500 {
                    alarm.ring()
                    await Task.yield()
                }
            }
        }
    }
}
