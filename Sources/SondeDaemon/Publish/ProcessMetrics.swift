import Glibc
import Sonde

/// The standard `process_*` families, from `/proc/self`.
enum ProcessMetrics {
    static let all: [Metric] = [
        Metric(
            "process_cpu_seconds_total", .counter, in: .seconds,
            help: "Total user and system CPU time spent in seconds (getrusage)"),
        Metric("process_resident_memory_bytes", in: .bytes, help: "Resident memory size in bytes (/proc/self/statm)"),
        Metric("process_virtual_memory_bytes", in: .bytes, help: "Virtual memory size in bytes (/proc/self/statm)"),
        Metric("process_open_fds", help: "Number of open file descriptors (/proc/self/fd)"),
        Metric("process_max_fds", help: "Maximum number of open file descriptors (getrlimit)"),
        Metric(
            "process_start_time_seconds", in: .seconds,
            help: "Start time of the process since unix epoch in seconds (/proc/self/stat)"),
    ]

    /// Adds what can be read; what cannot is no sample.
    static func add(to samples: inout Samples) {
        var usage = rusage()
        if unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let time = { (value: timeval) in Double(value.tv_sec) + Double(value.tv_usec) / 1e6 }
            samples.add(time(usage.ru_utime) + time(usage.ru_stime), to: "process_cpu_seconds_total")
        }
        let pages = words(of: "/proc/self/statm").prefix(2).compactMap { Double($0) }
        if pages.count == 2 {
            let size = Double(sysconf(Int32(_SC_PAGESIZE)))
            samples.add(pages[1] * size, to: "process_resident_memory_bytes")
            samples.add(pages[0] * size, to: "process_virtual_memory_bytes")
        }
        if let count = openDescriptors() { samples.add(Double(count), to: "process_open_fds") }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            samples.add(Double(limit.rlim_cur), to: "process_max_fds")
        }
        if let start = startTime { samples.add(start, to: "process_start_time_seconds") }
    }

    /// Seconds since 1970 of the process's start: the boot, and the clock ticks from then.
    static let startTime: Double? = {
        // The command's name may hold spaces; what follows its closing parenthesis does not.
        let stat = read("/proc/self/stat")
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let rest = stat[stat.index(after: end)...].split(separator: " ")
        var up = timespec()
        // Not /proc/stat, which a sandbox hides.
        guard rest.count > 19, let ticks = Double(rest[19]), unsafe clock_gettime(CLOCK_BOOTTIME, &up) == 0
        else { return nil }
        let sinceBoot = Double(up.tv_sec) + Double(up.tv_nsec) / 1e9
        return WallClock.now() - sinceBoot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func openDescriptors() -> Int? {
        guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // `.`, `..`, and the folder's own.
        return count - 3
    }

    private static func words(of path: String) -> [Substring] {
        read(path).split { $0 == " " || $0 == "\n" }
    }

    private static func read(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The time of day.
enum WallClock {
    /// Seconds since 1970.
    static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
