import Testing

@testable import SondeDaemon

@Suite("The pace of the log")
struct LogPaceTests {
    private let start = ContinuousClock.now

    /// Hears of something every 15 s.
    private func hear(_ news: [Bool]) -> [Int?] {
        var pace = LogPace()
        return news.enumerated().map { pace.hear(isNews: $1, at: start + .seconds(15) * $0) }
    }

    @Test("what stays is told at once, and every five minutes with how often it happened")
    func staying() {
        let lines = hear([true] + Array(repeating: false, count: 60))
        #expect(lines.enumerated().filter { $1 != nil }.map(\.offset) == [0, 20, 40, 60])
        #expect(lines.compactMap { $0 } == [0, 19, 19, 19])
    }

    @Test("what changes all the time is told four times in five minutes")
    func changing() {
        let lines = hear(Array(repeating: true, count: 61))
        #expect(
            lines.enumerated().filter { $1 != nil }.map(\.offset) == [0, 1, 2, 3, 20, 21, 22, 23, 40, 41, 42, 43, 60])
        #expect(lines.compactMap { $0 }.reduce(0, +) + lines.compactMap { $0 }.count == 61, "all are told or counted")
    }

    @Test("a change in the midst of what stays is told at once")
    func change() {
        #expect(hear([true, false, false, true, false]) == [0, nil, nil, 2, nil])
    }

    @Test("what was never new is not told")
    func never() {
        #expect(hear([false, false]) == [nil, nil])
    }
}
