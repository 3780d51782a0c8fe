/// The unit that PostgreSQL counts in, and with it the Prometheus base unit that is shown.
public enum Unit: String, Sendable, Hashable, CaseIterable {
    /// A number of things, shown as it is.
    case count
    /// Seconds, and PostgreSQL's `interval`.
    case seconds
    /// Milliseconds, shown as seconds.
    case milliseconds
    /// Microseconds, shown as seconds.
    case microseconds
    /// Minutes, shown as seconds.
    case minutes
    /// Bytes, and differences of `pg_lsn`.
    case bytes
    /// Units of 1 024 bytes, shown as bytes.
    case kilobytes
    /// Units of 1 048 576 bytes, shown as bytes.
    case megabytes
    /// Pages of 8 192 bytes, shown as bytes.
    case pages
    /// A point in time, shown as seconds since 1970.
    case timestamp
    /// A share between 0 and 1.
    case ratio
    /// A share between 0 and 100, shown as one between 0 and 1.
    case percent

    /// How a number in this unit becomes one in the base unit.
    enum Scale: Hashable {
        case one
        /// The decimal point moves left by so many places: exact, whatever the number of digits.
        case decimal(Int)
        case times(Int64)

        /// A number as one in the base unit.
        func base(_ value: Double) -> Double {
            switch self {
            case .one: value
            // Divided once, so that the result is the nearest double.
            case .decimal(let places): value / (0..<places).reduce(1.0) { power, _ in power * 10 }
            case .times(let factor): value * Double(factor)
            }
        }
    }

    var scale: Scale {
        switch self {
        case .count, .seconds, .bytes, .timestamp, .ratio: .one
        case .milliseconds: .decimal(3)
        case .microseconds: .decimal(6)
        case .percent: .decimal(2)
        case .minutes: .times(60)
        case .kilobytes: .times(1_024)
        case .megabytes: .times(1_048_576)
        case .pages: .times(8_192)
        }
    }

    /// What the name of a metric in this unit ends in, before `_total`; nil where the unit has no name.
    public var suffix: String? {
        switch self {
        case .count: nil
        case .seconds, .milliseconds, .microseconds, .minutes: "seconds"
        case .bytes, .kilobytes, .megabytes, .pages: "bytes"
        case .timestamp: "timestamp_seconds"
        case .ratio, .percent: "ratio"
        }
    }

    /// A number in this unit as one in the base unit, such as 1.5 (seconds) for 1 500 milliseconds.
    public func base(_ value: Double) -> Double {
        scale.base(value)
    }
}
