import Foundation
import Glibc
import Testing

/// Everything by which a server can be gone or refuse us, and how it is seen, borne and got over.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct FaultOutageTests {
    /// A way to be gone.
    struct Outage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the page says of it.
        let reason: String
        /// Makes it; what is returned holds on to it.
        let begin: @Sendable (FaultServer) async throws -> Hold
        let end: @Sendable (FaultServer, Hold) async throws -> Void
    }

    /// What must be let go when an outage ends.
    struct Hold: Sendable {
        var programs: [DaemonProgram] = []
        var text = ""
    }

    private static let terminate =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pgsonde'"

    /// A refusal that SQL makes and unmakes; sessions that are there are not refused, so they are ended.
    private static func refusal(_ name: String, _ reason: String, _ begin: String, _ end: String) -> Outage {
        Outage(testDescription: name, reason: reason) { fault in
            try await fault.sql("\(begin); \(terminate)")
            return Hold()
        } end: { fault, _ in
            try await fault.sql(end)
        }
    }

    private static func halted(_ name: String, _ signal: Int32) -> Outage {
        Outage(testDescription: name, reason: "network") { fault in
            try await fault.halt(signal)
            return Hold()
        } end: { fault, _ in
            try await fault.resume()
        }
    }

    /// A superuser's session that can be frozen, so that the server waits for it.
    private static func frozenSession(_ fault: FaultServer) async throws -> (Hold, pid_t) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pgsonde-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let psql = try #require(TestServers.shared).tools.psql
        let program = try DaemonProgram(
            ["-Xqc", "SELECT pg_sleep(600)"], environment: fault.environment(application: "frozen"), in: folder,
            program: psql)
        var found = ""
        try await eventually("the session is there") {
            found = try await fault.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'frozen'")
            return !found.isEmpty
        }
        let process = try #require(pid_t(found))
        kill(process, SIGSTOP)
        return (Hold(programs: [program], text: found), process)
    }

    static let all: [Outage] = [
        halted("stopped", SIGINT), halted("stopped at once", SIGQUIT), halted("killed by SIGKILL", SIGKILL),
        Outage(testDescription: "shutting down", reason: "starting_up") { fault in
            let (hold, _) = try await frozenSession(fault)
            kill(fault.postmaster, SIGINT)
            return hold
        } end: { fault, hold in
            if let process = pid_t(hold.text) { kill(process, SIGCONT) }
            try await eventually("it has ended") { !fault.isAlive }
            try await fault.resume()
        },
        Outage(testDescription: "in recovery after a crash", reason: "starting_up") { fault in
            // The postmaster waits for five seconds for a process that does not end.
            let (hold, _) = try await frozenSession(fault)
            try await fault.crash()
            return hold
        } end: { fault, _ in
            try await eventually("it has recovered") { try await fault.sql("SELECT 1") == "1" }
        },
        Outage(testDescription: "starting up", reason: "starting_up") { fault in
            try await fault.halt()
            let hold = FileManager.default.temporaryDirectory.appendingPathComponent("pgsonde-\(UUID().uuidString)")
                .path
            try Data().write(to: URL(fileURLWithPath: hold))
            try fault.configure(["restore_command = 'while [ -e \(hold) ]; do sleep 0.1; done; false'"])
            try fault.write("recovery.signal", "")
            try await fault.resume(waits: false)
            return Hold(text: hold)
        } end: { fault, hold in
            try FileManager.default.removeItem(atPath: hold.text)
            try await eventually("it has started") { try await fault.sql("SELECT 1") == "1" }
        },
        Outage(testDescription: "too many clients", reason: "too_many_connections") { fault in
            try await fault.sql(
                "ALTER SYSTEM SET max_connections = 8; ALTER SYSTEM SET superuser_reserved_connections = 4")
            try await fault.halt()
            try await fault.resume()
            var hold = Hold()
            let psql = try #require(TestServers.shared).tools.psql
            try await eventually("all connections are taken") {
                // Whoever comes first gets them: ours are ended, and those that were too late are tried again.
                try await fault.sql(terminate)
                let taken = try await fault.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'plain'")
                if taken == "4" && fault.titles().isEmpty { return true }
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                    "pgsonde-\(UUID().uuidString)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                hold.programs.append(
                    try DaemonProgram(
                        ["-Xqc", "SELECT pg_sleep(600)"], environment: fault.environment(role: "plain"), in: folder,
                        program: psql))
                return false
            }
            return hold
        } end: { fault, hold in
            for program in hold.programs { await program.stop() }
            try await fault.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'plain'")
            try await fault.sql("ALTER SYSTEM RESET ALL")
            try await fault.halt()
            try await fault.resume()
        },
        refusal(
            "another password", "auth", "ALTER ROLE monitor PASSWORD 'changed'", "ALTER ROLE monitor PASSWORD 'monitor'"
        ),
        refusal(
            "the role's password has expired", "auth", "ALTER ROLE monitor VALID UNTIL '2000-01-01'",
            "ALTER ROLE monitor VALID UNTIL 'infinity'"),
        refusal("the role may not log in", "auth", "ALTER ROLE monitor NOLOGIN", "ALTER ROLE monitor LOGIN"),
        refusal(
            "the role was dropped", "auth", "DROP ROLE monitor",
            "CREATE ROLE monitor LOGIN IN ROLE pg_monitor PASSWORD 'monitor'"),
        Outage(testDescription: "pg_hba.conf rejects us", reason: "auth") { fault in
            let before = try fault.read("pg_hba.conf")
            try fault.write("pg_hba.conf", "host all monitor all reject\n" + before)
            try await fault.sql("SELECT pg_reload_conf()")
            try await Task.sleep(for: .milliseconds(200))
            try await fault.sql(terminate)
            return Hold(text: before)
        } end: { fault, hold in
            try fault.write("pg_hba.conf", hold.text)
            try await fault.sql("SELECT pg_reload_conf()")
        },
    ]

    @Test(
        "is seen within an interval with its reason, costs scrapes nothing, and is got over by itself", arguments: all)
    func outage(_ outage: Outage) async throws {
        let fault = try await FaultStage.server()
        let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
        try await FaultSampler.countingProcesses(fault) { sampler in
            try await withDaemon(text) { daemon in
                try await daemon.page("all is well") { Self.isWell($0) }
                let lines = fault.log.count
                let hold = try await outage.begin(fault)
                do {
                    try await bear(outage, daemon)
                } catch {
                    try await outage.end(fault, hold)
                    throw error
                }
                try await outage.end(fault, hold)
                for program in hold.programs { await program.stop() }
                let start = ContinuousClock.now
                try await daemon.page("all is well again", within: .seconds(25)) { Self.isWell($0) }
                print("\(outage.testDescription): well again after \((ContinuousClock.now - start) / .seconds(1)) s")
                let ours = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") }
                let errors = ours.filter { $0.contains("ERROR:") }
                #expect(errors == [])
                // 1, 2, 4 s and so on, and the sessions that were ended.
                #expect(ours.filter { $0.contains("FATAL:") }.count <= 8, "\(ours.joined(separator: "\n"))")
            }
            #expect(sampler.most <= 2)
            #expect(sampler.count > 20)
        }
        try await eventually("no session is left behind", within: .seconds(2)) { fault.titles().isEmpty }
    }

    private func bear(_ outage: Outage, _ daemon: DaemonProcess) async throws {
        try await daemon.page("it is down, and says why", within: .seconds(8)) { page in
            page.value("pg_up") == 0 && page.value("pgsonde_server_failure", ["reason": outage.reason]) == 1
        }
        let end = ContinuousClock.now + .seconds(1.5)
        var slowest = Duration.zero
        while ContinuousClock.now < end {
            let start = ContinuousClock.now
            let page = try await daemon.page()
            slowest = max(slowest, .now - start)
            #expect(page.value("pg_up") == 0)
            #expect(page.value("pgsonde_connections") == 0)
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(slowest < .seconds(1))
        let warnings = daemon.log.split(separator: "\n").filter { $0.contains("does not answer") }
        #expect(warnings.count <= 3, "once for each reason:\n\(warnings.joined(separator: "\n"))")
    }

    /// Whether the server is up, both sessions are open, and no collector is amiss.
    static func isWell(_ page: PageText) -> Bool {
        page.value("pg_up") == 1 && page.value("pgsonde_connections") == 2
            && page.samples("pgsonde_collector_state").allSatisfy {
                ["ok", "skipped_role", "skipped_version", "disabled", "unavailable"].contains($0.labels["state"])
            }
    }
}
