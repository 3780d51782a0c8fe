import Synchronization

/// A wait that somebody else can end early; one task waits at a time.
final class Alarm: Sendable {
    private enum State {
        case quiet
        /// Rung while nobody waited: the next wait ends at once.
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    /// Ends the wait, or the next one.
    func ring() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .awaited(let continuation) = state else {
                state = .rung
                return nil
            }
            state = .quiet
            return continuation
        }
        waiting?.resume()
    }

    /// Waits until a point in time, or for ever where there is none, or until it rings.
    ///
    /// - Returns: whether to go on; false once the task is cancelled.
    func wait(until instant: ContinuousClock.Instant?) async -> Bool {
        await withTaskGroup { group in
            if let instant {
                group.addTask {
                    try? await Task.sleep(until: instant, clock: .continuous)
                    // A sleep that was cancelled must not ring: that would end the next wait, which has nothing to do with it.
                    if !Task.isCancelled { self.ring() }
                }
            }
            await withTaskCancellationHandler {
                await listen()
            } onCancel: {
                ring()
            }
            group.cancelAll()
        }
        return !Task.isCancelled
    }

    private func listen() async {
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                if case .rung = state {
                    state = .quiet
                    return true
                }
                state = .awaited(continuation)
                return false
            }
            if isRung { continuation.resume() }
        }
    }
}
