private import Synchronization

/// Counts the threads of one server's sessions that hang inside libpq and that nobody waits for any more.
///
/// libpq's connecting (resolver, GSS, LDAP) and cancelling can block without limit. While one hangs, no other of its kind is begun: of
/// those that were under way already each session has one at most.
package final class AbandonedThreads: Sendable {
    private let counts = Mutex((connects: 0, cancels: 0))

    /// Makes a count of none.
    package init() {}

    /// The attempts to connect that hang.
    package var connects: Int { counts.withLock { $0.connects } }

    /// The cancel requests that hang.
    package var cancels: Int { counts.withLock { $0.cancels } }

    func countConnects(_ change: Int) {
        counts.withLock { $0.connects += change }
    }

    func countCancels(_ change: Int) {
        counts.withLock { $0.cancels += change }
    }
}
