import Glibc
import Logging

/// Writes log lines, a line each, as `key=value` pairs or as JSON; for the journal, behind a priority.
struct Log: LogHandler {
    private let style: LogStyle
    private let stream: LogStream
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]

    init(_ style: LogStyle, to stream: LogStream) {
        self.style = style
        self.stream = stream
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? style.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = line(event.level, event.message.description, all)
        stream.write(line) { lost in
            self.line(.warning, "log lines were lost: nobody read them, or the disk was full", ["lines": "\(lost)"])
        }
    }

    private func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
        var fields = [("ts", Self.timestamp()), ("level", level.rawValue), ("msg", message)]
        fields += metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        let priority = stream.isJournal ? level.journalPriority : ""
        switch style.format {
        case .logfmt: return priority + fields.map { "\($0)=\(Self.quoted($1))" }.joined(separator: " ") + "\n"
        case .json:
            return priority + "{" + fields.map { "\(JSON.quoted($0)):\(JSON.quoted($1))" }.joined(separator: ",")
                + "}\n"
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\\" && !("\u{7F}"..."\u{9F}").contains($0)
        }
        return isPlain && !text.isEmpty ? text : JSON.quoted(text)
    }

    private static func timestamp() -> String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var parts = unsafe tm()
        unsafe gmtime_r(&time.tv_sec, &parts)
        let pad = { (value: Int, width: Int) in
            let digits = String(value)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
        let date =
            unsafe "\(pad(Int(parts.tm_year) + 1_900, 4))-\(pad(Int(parts.tm_mon) + 1, 2))-\(pad(Int(parts.tm_mday), 2))"
        let clock = unsafe "\(pad(Int(parts.tm_hour), 2)):\(pad(Int(parts.tm_min), 2)):\(pad(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock).\(pad(time.tv_nsec / 1_000_000, 3))Z"
    }
}

extension Logger.Level {
    /// The priority as sd-daemon(3) has it, which the journal takes off the line.
    var journalPriority: String {
        switch self {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
