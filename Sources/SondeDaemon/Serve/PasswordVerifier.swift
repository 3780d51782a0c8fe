import NIOPosix
import Synchronization

/// Compares passwords with hashes, one after the other, on a thread of its own, so that guesses cost one processor at most.
final class PasswordVerifier: Sendable {
    /// The one of this process.
    static let shared = PasswordVerifier()
    /// How many may wait.
    static let depth = 8

    /// It lives as long as the process.
    private static let thread: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()
    private let underWay = Mutex(0)

    /// Whether whoever comes now is turned away.
    var isFull: Bool { underWay.withLock { $0 > Self.depth } }

    /// Runs a comparison when its turn comes.
    ///
    /// - Returns: nil where too many wait already, or nobody waits for the answer any more.
    func run(_ body: @escaping @Sendable () -> Bool) async -> Bool? {
        let hasRoom = underWay.withLock { count in
            guard count <= Self.depth else { return false }
            count += 1
            return true
        }
        guard hasRoom else { return nil }
        defer { underWay.withLock { $0 -= 1 } }
        return try? await Self.thread.runIfActive(body)
    }
}
