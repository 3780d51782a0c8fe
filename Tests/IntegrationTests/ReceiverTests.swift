import Foundation
import Testing

extension PageServerTests {
    struct ReceiverTests {
        @Test(
            "receivers are told apart by slot, and what is named anew each time gives no label",
            arguments: PageServers.all)
        func receivers(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            guard !isStandby else { return }
            let slots = ["pg_basebackup_4711", "pg_24576_sync_24577_4711", "pg_24576_sync_24578_4711"]
            let scripts = slots.map { slot in
                PageSessions.Script(
                    sql: "CREATE_REPLICATION_SLOT \"\(slot)\" TEMPORARY PHYSICAL;\n\\! sleep 30\n", isReplication: true,
                    applicationName: slot.replacing("_4711", with: slot.contains("sync") ? "_4711" : ""))
            }
            try await PageSessions.with(scripts, on: server) {
                try await eventually("all of them have a slot") {
                    try await server.sql("SELECT count(*) FROM pg_replication_slots WHERE temporary AND active") == "3"
                }
                let page = try PageText(try await server.once())
                let rows = page.samples("pg_replication_walsenders").filter { $0.labels["slot_name"] == "" }
                let found = rows.reduce(into: [:]) { $0[$1.labels["application_name"] ?? "?"] = $1.value }
                #expect(found == ["pg_basebackup": 1, "pg_sync": 2])
                let known = page.samples("pg_replication_walsenders", ["slot_name": "branch"])
                #expect(known.map { $0.labels["application_name"] } == ["branch"])
                // They hold WAL, so each is shown where slots are.
                #expect(page.samples("pg_replication_slot_temporary").filter { $0.value == 1 }.count == 3)
            }
        }
    }
}
