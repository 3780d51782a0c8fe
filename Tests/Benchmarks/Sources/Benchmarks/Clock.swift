import CMalloc
import Glibc

/// What a piece of work took: time of the thread's processor, and blocks of memory.
struct Cost {
    var nanoseconds: Double
    var allocations: Int

    /// Runs a piece of work once.
    static func of(_ work: () throws -> Void) rethrows -> Cost {
        let blocks = counted_mallocs()
        let start = now()
        try work()
        let end = now()
        return Cost(nanoseconds: end - start, allocations: Int(counted_mallocs() - blocks))
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

extension [Cost] {
    /// The one in the middle by time.
    var median: Cost { sorted { $0.nanoseconds < $1.nanoseconds }[count / 2] }
    /// The fastest one.
    var best: Cost { sorted { $0.nanoseconds < $1.nanoseconds }[0] }
}
