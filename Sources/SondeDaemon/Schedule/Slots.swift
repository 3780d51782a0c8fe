import SondePostgres
import Synchronization

/// Keeps count of the sessions that a server may have of ours, those included of which only our side is known to have ended.
///
/// A server that is frozen, or a backend that is, does not see that a socket was closed: its session stays. Such a session keeps its slot
/// until its end is known or its own time limit must have ended it. One replacement is allowed, so that the server may see one session
/// more than the budget.
final class Slots: Sendable {
    /// A session that we closed and whose end was not seen.
    private struct Ghost {
        let process: Int32
        /// When the server's own limit must have ended it.
        var until: ContinuousClock.Instant
    }

    private struct State {
        var open = 0
        var ghosts: [Ghost] = []
    }

    private static let replacements = 1
    /// How long a session counts that was seen after its end was due, unless it is seen again.
    private static let patience = Duration.seconds(60)

    private let budget: Int
    private let state = Mutex(State())

    init(budget: Int) {
        self.budget = budget
    }

    /// Takes a slot for a session that is to be opened.
    ///
    /// - Returns: whether there was one.
    func take(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            state.ghosts.removeAll { $0.until <= now }
            let all = state.open + state.ghosts.count
            guard state.open < budget, all < budget + Self.replacements else { return false }
            state.open += 1
            return true
        }
    }

    /// Gives a slot back.
    func release() {
        state.withLock { $0.open -= 1 }
    }

    /// Gives the slot of a session back whose end was not seen.
    ///
    /// - Parameters:
    ///   - process: the backend.
    ///   - until: when the server's own limit must have ended it.
    func release(unseen process: Int32, until: ContinuousClock.Instant) {
        state.withLock {
            $0.open -= 1
            $0.ghosts.append(Ghost(process: process, until: until))
        }
    }

    /// The statement whose rows say which of them are still there; nil where there are none.
    func question(at now: ContinuousClock.Instant) -> String? {
        let processes = state.withLock { state in
            state.ghosts.removeAll { $0.until <= now }
            return state.ghosts.map(\.process)
        }
        guard !processes.isEmpty else { return nil }
        return """
            SELECT pid::text AS pid FROM pg_stat_activity \
            WHERE usename = current_user AND pid IN (\(processes.map(String.init).joined(separator: ", ")))
            """
    }

    /// Takes the answer to ``question(at:)``: what is gone frees its slot, and what is still there keeps it for longer than was thought.
    func confirm(alive processes: Set<Int32>, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.ghosts.removeAll { !processes.contains($0.process) }
            for index in state.ghosts.indices { state.ghosts[index].until = now + Self.patience }
        }
    }
}
