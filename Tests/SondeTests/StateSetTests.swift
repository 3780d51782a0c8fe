import Sonde
import Testing

@Suite("State sets")
struct StateSetTests {
    private static let definition = Definition(
        "queue", help: "Queues.", from: "t",
        columns: [
            .label("name", "n"), .stateset("state", ["on", "off", "a\"b"], "s", help: "State."),
            .stateset("paused", ["true", "false"], "p", help: "Paused.", metric: "queue_paused"),
        ])
    private static let columns = [Rows.Column("name"), Rows.Column("state"), Rows.Column("paused", type: 16)]

    @Test("each state is a sample, 1 for the one that it is")
    func samples() throws {
        let rendering = try Rendering(Self.definition, Self.columns, texts: [["x", "off", "t"]])
        #expect(
            rendering["pg_queue_state"] == """
                pg_queue_state{name="x",state="on"} 0
                pg_queue_state{name="x",state="off"} 1
                pg_queue_state{name="x",state="a\\"b"} 0

                """)
        #expect(
            rendering["queue_paused"] == """
                queue_paused{name="x",paused="true"} 1
                queue_paused{name="x",paused="false"} 0

                """)
        #expect(rendering.counts.series == 5)
        #expect(Self.definition.metrics.map(\.labels) == [["name", "state"], ["name", "paused"]])
        #expect(Self.definition.metrics.map(\.kind.type) == ["gauge", "gauge"])
    }

    @Test("NULL is no sample, and a state that was not declared is counted")
    func others() throws {
        let rendering = try Rendering(Self.definition, Self.columns, texts: [["x", nil, nil], ["y", "odd", nil]])
        #expect(rendering["pg_queue_state"].isEmpty && rendering["queue_paused"].isEmpty)
        #expect(rendering.counts.unreadable == 1)
    }

    @Test("without a label the state is the only one")
    func alone() throws {
        let definition = Definition(
            "queue", help: "Queues.", from: "t", columns: [.stateset("state", ["on", "off"], "s", help: "State.")])
        let rendering = try Rendering(definition, [Rows.Column("state")], texts: [["on"]])
        #expect(rendering["pg_queue_state"] == "pg_queue_state{state=\"on\"} 1\npg_queue_state{state=\"off\"} 0\n")
    }

    @Test("what cannot be is found before the first poll")
    func problems() {
        let problems = { (columns: [Column], limit: Limit?) in
            Registry.problems(
                of: Definition("q", help: "Q.", from: "t", columns: [.label("l", "l")] + columns, limit: limit))
        }
        #expect(problems([.stateset("s", ["a"], "s", help: "S.")], nil) == [])
        #expect(problems([.stateset("s", [], "s", help: "S.")], nil) == ["s: a state set needs its states"])
        #expect(problems([.stateset("s", ["a", "a"], "s", help: "S.")], nil) == ["s: a state is there twice"])
        #expect(
            problems([Column(.gauge, "s", "s", help: "S.", states: ["a"])], nil)
                == ["s: a state set, and only one, has states"])
        #expect(
            problems([.stateset("s", ["a"], "s", help: "S."), .gauge("g", "g", help: "G.")], Limit(rows: 1, by: ["g"]))
                == ["s: a limit cannot fold state sets"])
        #expect(problems([.stateset("l2", ["a"], "s", help: "S.")], nil) == [])
    }
}
