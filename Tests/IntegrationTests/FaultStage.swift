import Foundation
import Glibc
import Testing

/// One server that many faults share, one after the other; whoever takes it finds it well, whatever the one before has done.
actor FaultStage {
    static let shared = FaultStage()

    private var started: Task<FaultServer, any Error>?

    /// The server, well.
    static func server() async throws -> FaultServer {
        let fault = try await shared.start()
        fault.thaw()
        if !fault.isAlive { try await fault.resume() }
        try await eventually("the server takes connections") { try await fault.sql("SELECT 1") == "1" }
        return fault
    }

    private func start() async throws -> FaultServer {
        let start = started ?? Task { FaultServer(server: try await PageServers.fresh(17, "stage")) }
        started = start
        return try await start.value
    }
}
