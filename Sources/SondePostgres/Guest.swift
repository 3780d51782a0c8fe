/// Runs code that is not ours, on a thread of its own, and waits for it no longer than it may take.
package enum Guest {
    /// The time that code has to end in once it was cancelled: a command needs half a second.
    package static let grace = Duration.seconds(1)

    /// Runs a body.
    ///
    /// - Parameters:
    ///   - limit: the time after which it is cancelled.
    ///   - body: what is run; it may block its thread.
    ///   - late: called when the body ends after all, where nobody waited for it any more.
    /// - Returns: what the body gave; nil where it had not ended ``grace`` after it was cancelled, and then it still runs.
    package static func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () async -> Value, late: @escaping @Sendable () -> Void
    ) async -> Value? {
        let answer = Answer<Value?>()
        let executor = ThreadExecutor(.guest)
        executor.hold()
        // Tasks of no structure, since a structured one would have to be awaited and this one may hang.
        let work = Task(executorPreference: executor) {
            let value = await body()
            executor.letGo()
            if !answer.give(value) { late() }
        }
        let giveUp = { @Sendable in
            work.cancel()
            try? await Task.sleep(for: grace)
            answer.give(nil)
        }
        let watch = Task {
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { await giveUp() }
        }
        let value = await withTaskCancellationHandler {
            await answer.value
        } onCancel: {
            Task { await giveUp() }
        }
        watch.cancel()
        return value
    }
}
