private import Glibc
private import Synchronization

/// Runs an actor's jobs on a thread of its own, so that waiting in libpq blocks nobody else.
///
/// The thread begins when a job comes and there is none, stays while the executor is held, and ends when nothing is left to do. So a job
/// that comes late, the actor's deinit for one, runs as well.
@safe final class ThreadExecutor: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var hasThread = false
        var isHeld = false
    }

    private let state = Mutex(State())
    // A pointer since a semaphore must not move; sem_post and sem_wait are safe on any thread.
    private nonisolated(unsafe) let wake: UnsafeMutablePointer<sem_t>

    init() {
        unsafe wake = .allocate(capacity: 1)
        unsafe wake.initialize(to: sem_t())
        unsafe sem_init(wake, 0, 0)
    }

    deinit {
        unsafe sem_destroy(wake)
        unsafe wake.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        guard needsThread else {
            unsafe sem_post(wake)
            return
        }
        // Without a thread to be had the job runs here: it blocks a thread that is not ours, but its awaiter does not hang.
        if !DetachedThread.start({ self.work() }) { work() }
    }

    /// Keeps the thread while there is nothing to do.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    /// Lets the thread end when there is nothing to do.
    func letGo() {
        state.withLock { $0.isHeld = false }
        unsafe sem_post(wake)
    }

    private func work() {
        while true {
            let jobs: [UnownedJob]? = state.withLock { state in
                if state.jobs.isEmpty, !state.isHeld {
                    state.hasThread = false
                    return nil
                }
                defer { state.jobs.removeAll() }
                return state.jobs
            }
            guard let jobs else { return }
            for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
            if jobs.isEmpty { unsafe sem_wait(wake) }
        }
    }
}
