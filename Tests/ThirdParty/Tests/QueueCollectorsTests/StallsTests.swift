import QueueCollectors
import Sonde
import SondeTesting
import Testing

private func poll(_ finished: String?) -> [Canned] {
    [Canned([.number("finished")], rows: [[finished]])]
}

@Test("a stall is seen from the second poll on, and progress ends it")
func stalls() throws {
    var rehearsal = Rehearsal(Stalls())
    #expect(try rehearsal.run(poll("5")).page == "")
    #expect(try rehearsal.run(poll("5")).page.hasSuffix("\npg_app_stalls_stalled 1\n"))
    #expect(try rehearsal.run(poll("6")).page.hasSuffix("\npg_app_stalls_stalled 0\n"))
    #expect(try rehearsal.run(poll(nil)).page == "")
}

@Test("it keeps the rules and the contract, and does not run on a standby")
func stallsContract() {
    #expect(Lint.problems(of: Stalls()) == [])
    #expect(Contract.problems(of: Stalls(), on: poll("5")) == [])
    #expect(Stalls().plan(for: Facts(version: 18, isInRecovery: true), without: []) == .skip(.role))
}
