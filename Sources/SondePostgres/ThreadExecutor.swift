private import Glibc
private import Synchronization

/// Runs the jobs of an actor, or of tasks, on a thread of its own, so that what waits there blocks nobody else.
///
/// The thread begins when a job comes and there is none, stays while the executor is held, and ends when nothing is left to do. So a job
/// that comes late, the actor's deinit for one, runs as well.
@safe package final class ThreadExecutor: SerialExecutor, TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var hasThread = false
        var isHeld = false
    }

    private let state = Mutex(State())
    // A pointer since a semaphore must not move; sem_post and sem_wait are safe on any thread.
    private nonisolated(unsafe) let wake: UnsafeMutablePointer<sem_t>

    private let thread: DetachedThread.Kind

    /// Makes an executor without a thread.
    ///
    /// - Parameter thread: what its thread is for.
    package init(_ thread: DetachedThread.Kind = .session) {
        self.thread = thread
        unsafe wake = .allocate(capacity: 1)
        unsafe wake.initialize(to: sem_t())
        unsafe sem_init(wake, 0, 0)
    }

    deinit {
        unsafe sem_destroy(wake)
        unsafe wake.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Woken within the lock: the job may be the deinit of the actor that owns this, and is it done, all of this is gone.
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            if state.hasThread { unsafe sem_post(wake) }
            defer { state.hasThread = true }
            return !state.hasThread
        }
        guard needsThread else { return }
        if !DetachedThread.start(thread, { self.work(canWait: true) }) { workHere() }
    }

    /// Runs the jobs without a thread of its own, where none is to be had: that blocks a thread that is not ours, but no awaiter hangs.
    private func workHere() {
        // Nobody else may hold this any more: the job may be the deinit of the actor that does.
        let own = unsafe Unmanaged.passRetained(self)
        // All else may run on this thread. It is given back when the jobs are done, whoever holds on to the executor.
        work(canWait: false)
        unsafe own.release()
    }

    /// Keeps the thread while there is nothing to do.
    package func hold() {
        state.withLock { $0.isHeld = true }
    }

    /// Lets the thread end when there is nothing to do.
    package func letGo() {
        state.withLock { state in
            state.isHeld = false
            unsafe sem_post(wake)
        }
    }

    private func work(canWait: Bool) {
        while true {
            let jobs: [UnownedJob]? = state.withLock { state in
                if state.jobs.isEmpty, !state.isHeld || !canWait {
                    state.hasThread = false
                    return nil
                }
                defer { state.jobs.removeAll() }
                return state.jobs
            }
            guard let jobs else { return }
            for job in jobs {
                switch thread {
                case .session: unsafe job.runSynchronously(on: asUnownedSerialExecutor())
                case .guest: unsafe job.runSynchronously(on: asUnownedTaskExecutor())
                }
            }
            if jobs.isEmpty { unsafe sem_wait(wake) }
        }
    }
}
