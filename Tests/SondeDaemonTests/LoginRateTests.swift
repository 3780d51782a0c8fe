import Testing

@testable import SondeDaemon

@Suite("The rate of logins")
struct LoginRateTests {
    private let start = ContinuousClock.now

    @Test("few databases never wait, and many wait as long as their logins are worth")
    func rounds() {
        let rate = LoginRate(perHour: 3_600)
        for _ in 0..<60 { rate.note(at: start) }
        #expect(rate.next(at: start) == nil)
        for _ in 0..<940 { rate.note(at: start) }
        #expect(rate.next(at: start) == start + .seconds(940))
        #expect(rate.next(at: start + .seconds(939)) != nil)
        #expect(rate.next(at: start + .seconds(940)) == nil)
    }

    @Test("in the long run there are no more logins than allowed", arguments: [60, 3_600])
    func bound(perHour: Int) {
        let rate = LoginRate(perHour: perHour)
        var now = start
        var logins = 0
        while now < start + .seconds(36_000) {
            now = max(now + .seconds(60), rate.next(at: now) ?? now)
            for _ in 0..<500 { rate.note(at: now) }
            logins += 500
        }
        #expect(logins <= perHour * 10 + 1_000)
    }

    @Test("the time of a round is that of its logins")
    func round() {
        let rate = LoginRate(perHour: 3_600)
        #expect(rate.round == .zero)
        rate.noteRound(of: 1_000)
        #expect(rate.round == .seconds(1_000))
    }
}
