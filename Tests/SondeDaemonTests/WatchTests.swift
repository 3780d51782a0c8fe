import Sonde
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("What is known of a server")
struct WatchTests {
    private let watch = Watch(name: "a", base: .seconds(15), collectors: 2)

    @Test("a server that was never reached is not up, for no reason yet")
    func never() {
        #expect(!watch.look().isUp(at: .now, base: watch.base))
        #expect(watch.look().failure == nil)
    }

    @Test("a reply makes it up for two intervals, and no longer")
    func reply() {
        watch.noteReply()
        #expect(watch.look().isUp(at: .now, base: watch.base))
        #expect(watch.look().isUp(at: .now + .seconds(29), base: watch.base))
        #expect(!watch.look().isUp(at: .now + .seconds(31), base: watch.base))
    }

    @Test("silence makes it down at once, and is news once for each reason", arguments: ErrorClass.allCases)
    func silence(reason: ErrorClass) {
        watch.noteReply()
        let error = PostgresError(reason, message: "x")
        #expect(watch.noteSilence(error, since: .now) == true)
        #expect(watch.noteSilence(error, since: .now) == false)
        #expect(!watch.look().isUp(at: .now, base: watch.base))
        #expect(watch.look().failure == reason)
        #expect(watch.noteReply())
        #expect(!watch.noteReply())
        #expect(watch.look().isUp(at: .now, base: watch.base))
        #expect(watch.look().failure == nil)
    }

    @Test("one that takes another's place knows what that knew, and hears what that is told")
    func succession() {
        watch.noteReply()
        watch.note {
            $0.open = 2
            $0.opened = 5
        }
        _ = watch.note(Watch.Report(failure: PostgresError(.timeout, message: "x")), of: 1, skipped: 3, time: 0)
        let next = Watch(name: "a", base: .seconds(5), collectors: 3)
        next.succeed(watch, moves: [1: 0])
        watch.note { $0.open -= 1 }
        let picture = next.look()
        #expect(picture.isUp(at: .now, base: next.base))
        #expect((picture.open, picture.opened) == (1, 5))
        #expect(picture.conditions.map(\.state) == [.failed, .pending, .pending])
        #expect(picture.conditions[0].errors == [.timeout: 1])
        #expect(picture.conditions[0].skipped == 3)
    }

    @Test("an answer to another session, given during an attempt that got none, says that the server is there")
    func elsewhere() {
        let start = ContinuousClock.now
        watch.noteReply()
        #expect(watch.noteSilence(PostgresError(.timeout, message: "x"), since: start) == nil)
        #expect(watch.look().isUp(at: .now, base: watch.base))
    }

    @Test("a reply of before the silence, told after it, makes nothing seem to be up")
    func late() {
        let reply = ContinuousClock.now
        let start = ContinuousClock.now
        #expect(watch.noteSilence(PostgresError(.timeout, message: "x"), since: start) == true)
        #expect(!watch.noteReply(at: reply))
        #expect(!watch.noteReply(at: start))
        #expect(watch.look().failure == .timeout)
        #expect(!watch.look().isUp(at: start, base: watch.base))
        // Nor does one of before count as one of now, where nothing was noted of the silence.
        let other = Watch(name: "b", base: .seconds(1), collectors: 0)
        other.noteReply(at: start - .seconds(3))
        #expect(!other.look().isUp(at: start, base: other.base))
        other.noteReply(at: start)
        other.noteReply(at: start - .seconds(3))
        #expect(other.look().isUp(at: start, base: other.base))
    }

    @Test("a server that is not up has a reason, once it was asked")
    func reason() {
        #expect(watch.look().reason(at: .now, base: watch.base) == nil)
        watch.noteReply()
        #expect(watch.look().reason(at: .now, base: watch.base) == nil)
        #expect(watch.look().reason(at: .now + .seconds(31), base: watch.base) == .timeout)
        _ = watch.noteSilence(PostgresError(.auth, message: "x"), since: .now)
        #expect(watch.look().reason(at: .now, base: watch.base) == .auth)
    }

    @Test("a collector's report is news when its state, or the kind of what is wrong, changes")
    func news() {
        var report = Watch.Report()
        #expect(watch.note(report, of: 0, skipped: 0, time: 1) == .pending)
        #expect(watch.note(report, of: 0, skipped: 0, time: 2) == nil)
        report.state = .failed
        report.detail = "one"
        report.errors = [.timeout: 1]
        #expect(watch.note(report, of: 0, skipped: 0, time: 3) == .ok)
        #expect(watch.note(report, of: 0, skipped: 1, time: 4) == nil)
        report.detail = "two"
        #expect(watch.note(report, of: 0, skipped: 1, time: 5) == nil, "its text may differ each time")
        report.errors = [.permission: 1]
        #expect(watch.note(report, of: 0, skipped: 1, time: 6) == .failed)
        let condition = watch.look().conditions[0]
        #expect(condition.errors == [.timeout: 3, .permission: 1])
        #expect(condition.lastSuccessTime == 2)
        #expect(condition.skipped == 1)
    }

    @Test("what one database does not have is no fault where another has it")
    func elsewhereAvailable() {
        var missing = Watch.Report()
        missing.state = .unavailable
        missing.detail = "needs an extension"
        for sum in [missing.adding(Watch.Report()), Watch.Report().adding(missing)] { #expect(sum.state == .ok) }
        #expect(missing.adding(missing).state == .unavailable)
    }

    @Test("what a collector gave in several databases adds up, and one failure stands for all")
    func sum() {
        var one = Watch.Report()
        one.counts.rows = 1
        one.bytes = 10
        one.duration = .milliseconds(5)
        var two = one
        two.state = .failed
        two.detail = "no"
        two.errors = [.timeout: 1]
        for sum in [one.adding(two).adding(one), two.adding(one).adding(one)] {
            #expect(sum.state == .failed)
            #expect(sum.detail == "no")
            #expect(sum.counts.rows == 3)
            #expect(sum.bytes == 30)
            #expect(sum.duration == .milliseconds(15))
            #expect(sum.errors == [.timeout: 1])
        }
    }
}
