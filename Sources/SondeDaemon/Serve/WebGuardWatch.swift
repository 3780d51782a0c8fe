import Glibc
import Logging
import NIOPosix
import ServiceLifecycle

/// Reads the web configuration again when it, or a certificate or a key that it names, has changed.
struct WebGuardWatch: Service {
    /// A file as it was at one moment; what stands at the end of a link counts.
    private struct Trace: Hashable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds = 0
        var nanoseconds = 0

        init(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    let guarded: WebGuard
    let logger: Logger
    /// How often the files are looked at.
    ///
    /// What is seen changed is read only when it has rested that long.
    var interval = Duration.seconds(2)

    func run() async throws {
        guard guarded.path != nil else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        var loaded = await traces()
        var last = loaded
        var complaint: String?
        while true {
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            let now = await traces()
            defer { last = now }
            // After a failure again and again, for what was missing may be none of the files that we know.
            guard now != loaded || complaint != nil, now == last else { continue }
            loaded = now
            do {
                try await reload()
                complaint = nil
                logger.notice("the web configuration was read again", metadata: ["file": "\(guarded.path ?? "")"])
                for warning in guarded.configuration.warnings { logger.warning("\(warning)") }
                loaded = await traces()
            } catch {
                let text = "\(error)"
                if complaint != text {
                    logger.error("the web configuration stays as it was: \(text)")
                }
                complaint = text
            }
        }
    }

    private func reload() async throws {
        try await NIOThreadPool.singleton.runIfActive { try guarded.reload() }
    }

    private func traces() async -> [Trace] {
        let files = guarded.configuration.files
        return (try? await NIOThreadPool.singleton.runIfActive { files.map(Trace.init) }) ?? []
    }
}
