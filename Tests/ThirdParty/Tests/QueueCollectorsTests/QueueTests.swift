import QueueCollectors
import Sonde
import SondeTesting
import Testing

@Test("the definition keeps the rules of names and units", arguments: [Definition.queue] as [any Collector])
func lint(collector: any Collector) {
    #expect(Lint.problems(of: collector) == [])
}

@Test("the definition keeps the contract on every major", arguments: [13, 15, 18])
func contract(major: Int) {
    #expect(Contract.problems(of: Definition.queue, on: Facts(version: Version(major))) == [])
}

@Test("a stall is seen from the second poll on, and progress ends it")
func stalls() throws {
    var rehearsal = Rehearsal(Stalls())
    let poll = { (finished: String?) in [Canned([.number("finished")], rows: [[finished]])] }
    #expect(try rehearsal.run(poll("5")).page == "")
    #expect(try rehearsal.run(poll("5")).page.contains("pg_app_stalls_stalled 1\n"))
    #expect(try rehearsal.run(poll("6")).page.contains("pg_app_stalls_stalled 0\n"))
    #expect(try rehearsal.run(poll(nil)).counts.unreadable == 1)
}
