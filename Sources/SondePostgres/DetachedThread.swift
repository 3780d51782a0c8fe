private import CLibPQ
private import Glibc

/// A thread that nobody joins, with a small stack and no signals.
package enum DetachedThread {
    /// What a thread is for.
    package enum Kind: Sendable {
        /// An actor that waits in libpq.
        case session
        /// Tasks that run code which is not ours.
        case guest

        fileprivate var stackSize: Int {
            switch self {
            case .session: 256 * 1_024
            case .guest: 1_024 * 1_024
            }
        }

        fileprivate var name: String {
            switch self {
            case .session: "pgsonde-session"
            case .guest: "pgsonde-guest"
            }
        }
    }

    private final class Body: Sendable {
        let kind: Kind
        let run: @Sendable () -> Void

        init(_ kind: Kind, _ run: @escaping @Sendable () -> Void) {
            self.kind = kind
            self.run = run
        }
    }

    /// Runs a closure on a new thread.
    ///
    /// - Returns: whether there is a thread; the closure is dropped if not.
    static func start(_ kind: Kind = .session, _ run: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, kind.stackSize)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let body = unsafe Unmanaged.passRetained(Body(kind, run))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                DetachedThread.prepare(body.kind)
                body.run()
                return nil
            }, body.toOpaque())
        if code != 0 { unsafe body.release() }
        return code == 0
    }

    /// Leaves the process's signals to its other threads, but for those that a fault of this one raises.
    private static func prepare(_ kind: Kind) {
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { unsafe sigdelset(&signals, fault) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        unsafe sonde_name_thread(kind.name)
    }
}
