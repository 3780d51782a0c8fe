private import CLibPQ
private import Synchronization

/// A request to the server to end what a session runs, on a thread of its own: libpq 15 has only one that blocks.
final class CancelRequest: Sendable {
    private struct State {
        var returned: ContinuousClock.Instant?
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let threads: AbandonedThreads

    /// Sends a request for what the connection runs.
    ///
    /// - Returns: nil where none could be sent, since an earlier one hangs among other reasons.
    @unsafe static func send(for connection: OpaquePointer, threads: AbandonedThreads) -> CancelRequest? {
        guard threads.cancels == 0, let handle = unsafe PQgetCancel(connection) else { return nil }
        let request = CancelRequest(threads: threads)
        // A PGcancel is a copy of address and key that only this thread uses from here on.
        nonisolated(unsafe) let cancel = unsafe handle
        let isSent = DetachedThread.start {
            var message = [CChar](repeating: 0, count: 256)
            _ = unsafe PQcancel(cancel, &message, Int32(message.count))
            unsafe PQfreeCancel(cancel)
            request.finish()
        }
        guard isSent else {
            unsafe PQfreeCancel(cancel)
            return nil
        }
        return request
    }

    private init(threads: AbandonedThreads) {
        self.threads = threads
    }

    /// Whether the server has not yet said that it took it.
    var isUnderWay: Bool {
        state.withLock { $0.returned == nil }
    }

    /// Whether it may have ended a statement that was still running at a point in time.
    func mayHaveHit(after instant: ContinuousClock.Instant) -> Bool {
        state.withLock { ($0.returned ?? instant) >= instant }
    }

    /// Waits for it no longer.
    func abandon() {
        let hangs = state.withLock { state in
            defer { state.isAbandoned = true }
            return state.returned == nil && !state.isAbandoned
        }
        if hangs { threads.countCancels(1) }
    }

    private func finish() {
        let wasAbandoned = state.withLock { state in
            state.returned = .now
            return state.isAbandoned
        }
        if wasAbandoned { threads.countCancels(-1) }
    }
}
