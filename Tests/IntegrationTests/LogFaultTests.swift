import Foundation
import Glibc
import Testing

/// A log that takes nothing, while the daemon works.
@Suite(.enabled(if: TestServers.isAvailable))
struct LogFaultTests {
    /// `fcntl`'s command that sets the size of a pipe, which the headers show to GNU programs only.
    private static let setPipeSize: Int32 = 1_031

    @Test(
        "a reader of the log who does not read, or a full disk, moves no poll, no scrape and not the end",
        arguments: [true, false])
    func stalled(isPipe: Bool) async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], slow: "1h", more: "log: {level: debug}"
        ).text
        try await DaemonProgram.withFolder(["pgsonde.yaml": text]) { folder in
            let log = isPipe ? "\(folder.path)/log" : "/dev/full"
            var reader: Int32 = -1
            if isPipe {
                try #require(unsafe mkfifo(log, 0o600) == 0)
                reader = unsafe open(log, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                // Two pages, so that a few lines fill it: it has room until something is in both.
                _ = fcntl(reader, Self.setPipeSize, 8_192)
            }
            defer { if reader >= 0 { close(reader) } }
            let command =
                "exec \(DaemonProgram.path) run --config.file=\(folder.path)/pgsonde.yaml "
                + "--web.listen-address=unix:\(folder.path)/web.sock 2>\(log)"
            let program = try DaemonProgram(["-c", command], in: folder, program: "/bin/sh")
            do {
                let daemon = DaemonProcess(program: program, address: "unix:\(folder.path)/web.sock")
                try await daemon.page("it watches") { $0.value("pg_up") == 1 }
                for _ in 0..<100 { #expect(try await daemon.get("/-/healthy").status == 200) }
                try await Task.sleep(for: .seconds(3))
                let page = try await daemon.page()
                #expect(page.value("pg_up") == 1)
                #expect((page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 5)
                if isPipe {
                    // What it took is still there: it was full all the time.
                    var bytes = [UInt8](repeating: 0, count: 65_536)
                    let count = unsafe read(reader, &bytes, bytes.count)
                    #expect(count > 3_000 && count <= 8_192)
                }
                let end = try await daemon.terminate()
                #expect(end.code == 0)
                #expect(end.took < .seconds(2))
            } catch {
                await program.stop()
                throw error
            }
        }
    }
}
