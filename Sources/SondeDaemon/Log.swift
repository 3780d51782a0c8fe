import Glibc
import Logging

/// Writes log lines to standard error, a line each, as `key=value` pairs or as JSON.
struct Log: LogHandler {
    let format: Configuration.LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: Configuration.LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = [("ts", Self.timestamp()), ("level", event.level.rawValue), ("msg", event.message.description)]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        fields += all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        var line: String
        switch format {
        case .logfmt: line = fields.map { "\($0)=\(Self.quoted($1))" }.joined(separator: " ")
        case .json: line = "{" + fields.map { "\(JSON.quoted($0)):\(JSON.quoted($1))" }.joined(separator: ",") + "}"
        }
        line += "\n"
        line.withUTF8 { bytes in
            // One call a line, so that lines of several threads do not mix; a full disk or a closed pipe is no reason to stop.
            _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\\" && $0 != "\u{7F}"
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
