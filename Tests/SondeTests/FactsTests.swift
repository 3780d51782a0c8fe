import Sonde
import Testing

@Suite("Facts")
struct FactsTests {
    @Test(
        "another server is told from the same one after a restart, a promotion, or both at different times",
        arguments: [
            (start: 100, timeline: 1, isOther: false), (start: 200, timeline: 1, isOther: false),
            (start: 100, timeline: 2, isOther: false), (start: 200, timeline: 2, isOther: true),
            (start: 50, timeline: 1, isOther: true), (start: 50, timeline: nil, isOther: true),
            (start: 200, timeline: nil, isOther: false),
        ] as [(start: Double, timeline: Int?, isOther: Bool)])
    func identity(_ now: (start: Double, timeline: Int?, isOther: Bool)) {
        let earlier = Facts(version: 17, timeline: 1, startTime: 100)
        let facts = Facts(version: 17, timeline: now.timeline, startTime: now.start)
        #expect(facts.isOfAnotherServer(than: earlier) == now.isOther)
    }
}
