import QueueCollectors
import Sonde
import SondeTesting
import Testing

@Test("the definition keeps the rules of names and units")
func lint() {
    #expect(Lint.problems(of: Definition.queue) == [])
}

@Test("the definition keeps the contract on every major", arguments: [13, 15, 18])
func contract(major: Int) {
    #expect(Contract.problems(of: Definition.queue, on: Facts(version: Version(major))) == [])
}

@Test("names, types, help and labels stay what dashboards rely on")
func golden() throws {
    let canned = Canned.results(for: .queue, on: Facts(version: 18))
    var rehearsal = Rehearsal(Definition.queue, labels: [("datname", "app")])
    let text = """
        # HELP pg_app_queue_waiting Jobs not yet started (app.jobs.state)
        # TYPE pg_app_queue_waiting gauge
        pg_app_queue_waiting{datname,queue}
        # HELP pg_app_queue_retries_total Retries since the queue was made (app.jobs.retries)
        # TYPE pg_app_queue_retries_total counter
        pg_app_queue_retries_total{datname,queue}
        # HELP pg_app_queue_oldest_seconds Age of the oldest job (app.jobs.queued_at)
        # TYPE pg_app_queue_oldest_seconds gauge
        pg_app_queue_oldest_seconds{datname,queue}

        """
    #expect(Golden.difference(from: text, to: Golden.text(of: try rehearsal.run(canned).page)) == [])
}
