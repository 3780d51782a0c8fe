import Logging
import ServiceLifecycle

/// Keeps systemd informed: how the service stands, that all of it goes on, and that it ends.
struct Supervision: Service {
    /// The time between two looks where systemd does not ask how all goes on.
    static let interval = Duration.seconds(5)

    let socket: NotifySocket
    /// The time within which systemd wants to hear that all goes on; nil where it does not care.
    var watchdog: Duration?
    let logger: Logger
    /// What is to be seen in `systemctl status`.
    let status: @Sendable () async -> String
    /// What does not go on though it should, in words; nil where all does.
    let stall: @Sendable () async -> String?

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
        socket.send(.stopping, .status("ending"))
    }

    private func watch() async {
        var last: String?
        var isStalled = false
        // Four times, so that one look that comes late is no reason to be ended.
        let interval = watchdog.map { min($0 / 4, Self.interval) } ?? Self.interval
        repeat {
            let stall = await stall()
            if let stall, !isStalled {
                logger.error(
                    "\(stall)\(watchdog == nil ? "" : ": systemd is to start the service anew if that does not change")"
                )
            }
            if stall == nil, isStalled { logger.notice("all goes on again") }
            isStalled = stall != nil
            let sentence: String
            if let stall { sentence = stall } else { sentence = await status() }
            if sentence != last { socket.send(.status(sentence)) }
            last = sentence
            if watchdog != nil, !isStalled { socket.send(.alive) } else { socket.flush() }
        } while (try? await Task.sleep(for: interval)) != nil
    }
}
