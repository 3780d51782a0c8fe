import Glibc

/// What systemd says to a service by its environment.
enum ServiceVariables {
    /// Those that are meant for this process alone.
    static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// Those of this process, taken out of its environment, so that no command that it runs believes them to be its own.
    ///
    /// Its first use is at the very start: while other threads read the environment it must not be changed.
    static let ofProcess: [String: String] = {
        var values: [String: String] = [:]
        for name in names {
            guard let value = unsafe getenv(name) else { continue }
            unsafe values[name] = String(cString: value)
            unsafe unsetenv(name)
        }
        InheritedSockets.seal(values)
        return values
    }()

    /// How often systemd wants to hear that all goes on.
    ///
    /// - Parameters:
    ///   - values: the variables.
    ///   - process: our own process.
    /// - Returns: nil where it does not.
    static func watchdog(_ values: [String: String], process: Int32 = getpid()) -> Duration? {
        guard let text = values["WATCHDOG_USEC"], Spelling.isNumber(text), let microseconds = Int64(text),
            microseconds > 0, values["WATCHDOG_PID"].map({ $0 == "\(process)" }) ?? true
        else { return nil }
        return .microseconds(microseconds)
    }
}
