import Sonde
import Testing

@testable import SondeDaemon

@Suite("The timetable")
struct TimetableTests {
    private let start = ContinuousClock.now
    private let timing = Timing(every: .seconds(10), timeout: .seconds(2))

    private func table(_ lanes: Timetable.Lane...) -> Timetable {
        var table = Timetable()
        for lane in lanes { table.add(lane, timing, at: start) }
        return table
    }

    @Test("all is due at the start, each in its own lane")
    func firstRun() {
        var table = table(.fast, .slow, .fast)
        #expect(table.start(.fast, at: start) == [0, 2])
        #expect(table.start(.slow, at: start) == [1])
        #expect(table.start(.fast, at: start).isEmpty)
    }

    @Test("a run is due again one interval after its start, however long it took")
    func interval() {
        var table = table(.fast)
        #expect(table.start(.fast, at: start) == [0])
        table.end(0, .succeeded, at: start + .seconds(3))
        #expect(table.next(.fast) == start + .seconds(10))
        #expect(table.start(.fast, at: start + .seconds(9.9)).isEmpty)
        #expect(table.start(.fast, at: start + .seconds(10)) == [0])
    }

    @Test("an entry that is carried over goes on as it was; one that starts otherwise is due at once")
    func carried() {
        var old = table(.fast, .fast)
        _ = old.start(.fast, at: start)
        old.end(0, .succeeded, at: start)
        let later = start + .seconds(4)
        var new = Timetable()
        new.add(.fast, timing, at: later)
        new.add(.fast, Timing(every: .seconds(20), timeout: .seconds(2)), at: later)
        new.add(.slow, timing, at: later)
        let carried = [(0, 0), (1, 1), (1, 2)].map { new.carry(old.entries[$0], to: $1) }
        #expect(carried == [true, false, false])
        #expect(new.start(.fast, at: later) == [1])
        #expect(new.next(.fast) == start + .seconds(10))
        // One that runs still runs.
        var next = table(.fast)
        _ = next.carry(old.entries[1], to: 0)
        #expect(next.start(.fast, at: start + .seconds(10)).isEmpty)
    }

    @Test("starts that were missed are counted and not made up for")
    func late() {
        var table = table(.fast)
        _ = table.start(.fast, at: start)
        table.end(0, .succeeded, at: start + .seconds(35))
        #expect(table.start(.fast, at: start + .seconds(35)) == [0])
        #expect(table.entries[0].skipped == 2)
        table.end(0, .succeeded, at: start + .seconds(36))
        #expect(table.next(.fast) == start + .seconds(40))
    }

    @Test(
        "what runs on request runs at the start and whenever it is asked for, but once for all who ask in the same second"
    )
    func request() {
        var table = Timetable()
        table.add(.fast, timing, onRequest: true, at: start)
        table.add(.fast, timing, at: start)
        #expect(table.start(.fast, at: start) == [0, 1])
        #expect(table.request(at: start + .seconds(1)) == [0], "it is running")
        table.end(1, .succeeded, at: start + .seconds(2))
        table.end(0, .succeeded, at: start + .seconds(2))
        #expect(table.next(.fast) == start + .seconds(10), "the other's time")
        #expect(table.request(at: start + .seconds(2.5)) == [], "it has just run")
        #expect(table.request(at: start + .seconds(4)) == [0])
        #expect(table.request(at: start + .seconds(4)) == [0])
        #expect(table.next(.fast) == start + .seconds(4))
        #expect(table.start(.fast, at: start + .seconds(4)) == [0])
        #expect(table.start(.fast, at: start + .seconds(4)) == [])
        table.hurry(at: start + .seconds(5))
        #expect(table.entries[0].skipped == 0)
    }

    @Test("what runs on request and fails is not run by requests until it has waited")
    func failingRequest() {
        var table = Timetable()
        table.add(.fast, timing, onRequest: true, at: start)
        for run in [0, 2] {
            _ = table.request(at: start + .seconds(run))
            #expect(table.start(.fast, at: start + .seconds(run)) == [0])
            table.end(0, .failed, at: start + .seconds(run))
        }
        #expect(table.request(at: start + .seconds(20)) == [])
        #expect(table.request(at: start + .seconds(23)) == [0])
        table.end(0, .notRun, at: start + .seconds(24))
        #expect(table.next(.fast) == nil, "whoever comes next asks for it")
    }

    @Test("a collector that still runs is not started again")
    func overlap() {
        var table = table(.fast)
        _ = table.start(.fast, at: start)
        #expect(table.start(.fast, at: start + .seconds(12)).isEmpty)
        #expect(table.entries[0].skipped == 1)
        #expect(table.next(.fast) == nil)
    }

    @Test(
        "a failing collector is tried at its interval once, then later and later",
        arguments: [(1, 10.0), (2, 20.0), (3, 40.0), (5, 160.0), (40, 600.0)])
    func backOff(failures: Int, seconds: Double) {
        var table = table(.fast)
        var now = start
        for failure in 1...failures {
            #expect(table.start(.fast, at: now) == [0])
            table.end(0, .failed, at: now, random: 0.5)
            if failure < failures { now = table.next(.fast) ?? now }
        }
        #expect(table.next(.fast) == now + .seconds(seconds))
        #expect((table.entries[0].backOff != nil) == (failures > 1))
    }

    @Test("a success ends the back-off")
    func recovery() {
        var table = table(.fast)
        for _ in 0..<4 {
            let now = table.next(.fast) ?? start
            _ = table.start(.fast, at: now)
            table.end(0, .failed, at: now)
        }
        let now = table.next(.fast) ?? start
        _ = table.start(.fast, at: now)
        table.end(0, .succeeded, at: now)
        #expect(table.entries[0].backOff == nil)
        #expect(table.next(.fast) == now + .seconds(10))
    }

    /// Ends runs one after the other, each when it is due.
    private func run(_ table: inout Timetable, _ endings: [Timetable.Ending]) -> ContinuousClock.Instant {
        var now = start
        for ending in endings {
            now = table.next(.fast) ?? now
            _ = table.start(.fast, at: now)
            table.end(0, ending, at: now)
        }
        return now
    }

    @Test(
        "the breaker opens for what keeps passing its time limit, stays open through other failures, and one good probe closes it",
        arguments: [
            ([.timedOut, .timedOut], false), ([.timedOut, .timedOut, .timedOut], true),
            ([.failed, .failed, .failed, .failed], false), ([.timedOut, .timedOut, .failed, .timedOut], false),
            ([.timedOut, .timedOut, .timedOut, .failed], true), ([.timedOut, .timedOut, .timedOut, .notRun], true),
            ([.timedOut, .timedOut, .succeeded, .timedOut], false),
            ([.timedOut, .timedOut, .timedOut, .succeeded], false),
        ] as [([Timetable.Ending], Bool)])
    func breaker(endings: [Timetable.Ending], isOpen: Bool) {
        var table = table(.fast)
        _ = run(&table, endings)
        #expect(table.entries[0].isBreakerOpen == isOpen)
    }

    @Test("a breaker that has closed leaves nothing behind")
    func closed() {
        var table = table(.fast)
        let now = run(&table, [.timedOut, .timedOut, .timedOut, .timedOut, .succeeded])
        #expect(table.next(.fast) == now + .seconds(10))
        #expect(table.entries[0].failures == 0)
    }

    @Test("what runs seldom anyway is probed still more seldom", arguments: [(10, 600), (600, 2_400), (100, 600)])
    func probes(every: Int, seconds: Int) {
        var table = Timetable()
        table.add(.fast, Timing(every: .seconds(every), timeout: .seconds(2)), at: start)
        let now = run(&table, Array(repeating: .timedOut, count: 12))
        #expect(table.next(.fast) == now + .seconds(seconds))
    }

    @Test("jitter spreads retries by a fifth to either side", arguments: [(0.0, 16.0), (0.5, 20.0), (1.0, 24.0)])
    func jitter(random: Double, seconds: Double) throws {
        var table = table(.fast)
        _ = table.start(.fast, at: start)
        table.end(0, .failed, at: start)
        let second = start + .seconds(10)
        _ = table.start(.fast, at: second)
        table.end(0, .failed, at: second, random: random)
        let wait = try #require(table.next(.fast)) - second
        #expect(abs(wait / .seconds(1) - seconds) < 0.001)
    }

    @Test("a run that never began is due at once and is no failure", arguments: [Timetable.Ending.notRun, .replanned])
    func notRun(ending: Timetable.Ending) {
        var table = table(.fast)
        _ = table.start(.fast, at: start)
        table.end(0, ending, at: start + .seconds(1))
        #expect(table.next(.fast) == start + .seconds(1))
        #expect(table.entries[0].failures == 0)
    }

    @Test("waiting for the server is no skipped start")
    func postponed() {
        var table = table(.fast)
        _ = table.start(.fast, at: start)
        table.end(0, .notRun, at: start + .seconds(1))
        #expect(table.start(.fast, at: start + .seconds(45)) == [0])
        #expect(table.entries[0].skipped == 0)
        #expect(table.entries[0].due == start + .seconds(51))
    }

    @Test(
        "a run has failed that failed, or did not begin, in one of several databases",
        arguments: [
            (Timetable.Ending.succeeded, Timetable.Ending.succeeded, Timetable.Ending.succeeded),
            (.succeeded, .failed, .failed), (.failed, .succeeded, .failed), (.succeeded, .notRun, .failed),
            (.succeeded, .timedOut, .timedOut), (.timedOut, .failed, .timedOut), (.notRun, .timedOut, .timedOut),
            (.notRun, .notRun, .notRun), (.succeeded, .replanned, .replanned), (.replanned, .notRun, .failed),
        ])
    func databases(first: Timetable.Ending, second: Timetable.Ending, all: Timetable.Ending) {
        #expect(first.with(second) == all)
    }

    @Test("new facts make all due that does not run")
    func hurry() {
        var table = table(.fast, .fast)
        _ = table.start(.fast, at: start)
        table.end(0, .succeeded, at: start)
        table.hurry(at: start + .seconds(1))
        #expect(table.start(.fast, at: start + .seconds(1)) == [0])
    }

    @Test("attempts to connect are made later and later, up to one base interval")
    func connecting() {
        var backOff = BackOff()
        var waits: [Double] = []
        for _ in 0..<7 {
            backOff.fail(at: start, random: 0.5)
            if let until = backOff.until { waits.append((until - start) / .seconds(1)) }
        }
        #expect(waits.map { ($0 * 10).rounded() / 10 } == [1, 2, 4, 8, 15, 15, 15])
        backOff.succeed()
        #expect(backOff.until == nil)
    }
}
