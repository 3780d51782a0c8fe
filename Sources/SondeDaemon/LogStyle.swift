import Logging
import Synchronization

/// What is logged and how it looks, for all loggers at once, so that it can change while they are in use.
final class LogStyle: Sendable {
    private struct Values {
        var level: Logger.Level
        var format: Configuration.LogFormat
    }

    private let isQuiet: Bool
    private let values: Mutex<Values>

    /// Makes a style.
    ///
    /// - Parameters:
    ///   - level: the least that is logged.
    ///   - format: how lines look.
    ///   - isQuiet: whether nothing below a warning is logged, whatever the level.
    init(level: Configuration.LogLevel, format: Configuration.LogFormat, isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        values = Mutex(Values(level: .info, format: format))
        set(level: level, format: format)
    }

    var level: Logger.Level { values.withLock { $0.level } }
    var format: Configuration.LogFormat { values.withLock { $0.format } }

    /// Changes it.
    func set(level: Configuration.LogLevel, format: Configuration.LogFormat) {
        let level = Logger.Level(rawValue: level.rawValue) ?? .info
        values.withLock { $0 = Values(level: isQuiet ? max(level, .warning) : level, format: format) }
    }
}
