import Testing

@testable import SondeDaemon

@Suite("The slots of sessions")
struct SlotsTests {
    private let start = ContinuousClock.now
    private let slots = Slots(budget: 2)

    @Test("there are as many as the budget")
    func budget() {
        #expect(slots.take(at: start))
        #expect(slots.take(at: start))
        #expect(!slots.take(at: start))
        slots.release()
        #expect(slots.take(at: start))
    }

    @Test("a session whose end was not seen keeps its slot, but for one replacement, until its own limit has ended it")
    func unseen() {
        #expect(slots.take(at: start) && slots.take(at: start))
        slots.release(unseen: 1, until: start + .seconds(5))
        slots.release(unseen: 2, until: start + .seconds(5))
        #expect(slots.take(at: start), "one more than the budget")
        #expect(!slots.take(at: start))
        #expect(slots.take(at: start + .seconds(5)))
    }

    @Test("a session that was seen gone frees its slot; one that was seen alive keeps it beyond its limit")
    func seen() {
        #expect(slots.question(at: start) == nil)
        #expect(slots.take(at: start) && slots.take(at: start))
        slots.release(unseen: 11, until: start + .seconds(5))
        slots.release(unseen: 22, until: start + .seconds(5))
        #expect(slots.question(at: start)?.contains("IN (11, 22)") == true)
        slots.confirm(alive: [22], at: start)
        #expect(slots.take(at: start + .seconds(6)) && slots.take(at: start + .seconds(6)))
        slots.release(unseen: 33, until: start + .seconds(7))
        #expect(!slots.take(at: start + .seconds(6)))
        slots.confirm(alive: [], at: start + .seconds(6))
        #expect(slots.take(at: start + .seconds(6)))
        #expect(slots.question(at: start + .seconds(6)) == nil)
    }
}
