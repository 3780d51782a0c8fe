import Glibc

/// Numbers as people read them at a glance, where a digit more would not help.
enum Legible {
    /// `60 µs`, `1.4 ms`, `35 ms`, `1.2 s`, `5 min`, `3 h`, `12 d`, of seconds.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.001: "\(whole(seconds * 1_000_000)) µs"
        case ..<0.01: "\(tenths(seconds * 1_000)) ms"
        case ..<1: "\(whole(seconds * 1_000)) ms"
        case ..<10: "\(tenths(seconds)) s"
        default: age(seconds)
        }
    }

    /// `0 s`, `35 s`, `5 min`, `3 h`, `12 d`, of seconds.
    static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(whole(seconds)) s"
        case ..<7_200: "\(whole(seconds / 60)) min"
        case ..<172_800: "\(whole(seconds / 3_600)) h"
        default: "\(whole(seconds / 86_400)) d"
        }
    }

    /// `512 B`, `1.2 MB`, with 1024 to the kB as PostgreSQL counts.
    static func bytes(_ bytes: Double) -> String {
        var (rest, unit) = (max(bytes, 0), 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while rest >= 1_000, unit < units.count - 1 {
            rest /= 1_024
            unit += 1
        }
        return "\(unit == 0 || rest >= 10 ? "\(whole(rest))" : tenths(rest)) \(units[unit])"
    }

    /// Digits in threes, with spaces that break no line.
    static func count(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number.magnitude).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { text.append("\u{202F}") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }

    /// `2026-02-03 04:05:06 UTC`, of seconds since 1970.
    static func moment(_ seconds: Double) -> String {
        guard seconds.magnitude < 1e11 else { return "?" }
        var time = time_t(seconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&time, &parts)
        let two = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        let date = unsafe "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return unsafe "\(date) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
    }

    /// A number with one digit behind the point.
    static func tenths(_ value: Double) -> String {
        let tenths = whole((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// What is before the point, of whatever a server may say: from 0 to what an Int holds by far.
    private static func whole(_ value: Double) -> Int {
        value > 0 ? Int(min(value, 1e16)) : 0
    }
}
