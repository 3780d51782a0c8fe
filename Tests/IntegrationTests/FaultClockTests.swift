import Foundation
import Glibc
import Testing

/// A time of day that is set while the daemon runs, back and forth.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultClockTests {
    private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// A library for LD_PRELOAD, under which the time of day is the machine's and the first seconds in a file more, and the time since it
    /// was started the second seconds more, as after a sleep.
    ///
    /// What is waited for is waited for as it is.
    private static let library = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/timerfd.h>
        #include <time.h>
        #include <unistd.h>
        static volatile long *offset;
        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("PGSONDE_TEST_CLOCK");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            void *found = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
            if (found != MAP_FAILED) offset = found;
            if (file >= 0) close(file);
        }
        int clock_gettime(clockid_t clock, struct timespec *found) {
            int code = syscall(SYS_clock_gettime, clock, found);
            if (code == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) found->tv_sec += *offset;
            if (code == 0 && offset && clock == CLOCK_BOOTTIME) found->tv_sec += offset[1];
            return code;
        }
        static volatile char counts_sleep[1024];
        int timerfd_create(int clock, int flags) {
            int file = syscall(SYS_timerfd_create, clock, flags);
            if (file >= 0 && file < 1024) counts_sleep[file] = clock == CLOCK_BOOTTIME;
            return file;
        }
        int timerfd_settime(int file, int flags, const struct itimerspec *wanted, struct itimerspec *before) {
            struct itimerspec real = *wanted;
            if (offset && flags & TFD_TIMER_ABSTIME && file >= 0 && file < 1024 && counts_sleep[file] && real.it_value.tv_sec > offset[1])
                real.it_value.tv_sec -= offset[1];
            return syscall(SYS_timerfd_settime, file, flags, &real, before);
        }
        int gettimeofday(struct timeval *found, void *zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            found->tv_sec = now.tv_sec;
            found->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *found) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (found) *found = now.tv_sec;
            return now.tv_sec;
        }
        """

    @Test(
        "a day forth, ten years back, and to and fro: polls, ages and expiry go on as if nothing were, and dates follow"
    )
    func steps() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(servers: [FaultConfiguration.server("main", port: server.port)], slow: "1h").text
        try await Self.withClock(text) { daemon, clock in
            try await daemon.page("it watches") { Self.isFresh($0) }
            for seconds in [86_400, -315_576_000, 0, 3_600, -3_600, 60, -60] {
                try clock.set(seconds)
                let end = ContinuousClock.now + .seconds(2)
                while ContinuousClock.now < end {
                    let page = try await daemon.page()
                    #expect(Self.isFresh(page), "\(seconds) s")
                    try await Task.sleep(for: .milliseconds(100))
                }
                let page = try await daemon.page()
                let last = page.value(
                    "pgsonde_collector_last_success_timestamp_seconds", ["collector": "server"])
                let now = Date().timeIntervalSince1970 + Double(seconds)
                #expect(abs((last ?? 0) - now) < 10, "a date is that of the clock as it is")
                let year = Calendar(identifier: .gregorian).component(.year, from: Date() + Double(seconds))
                #expect(try await daemon.get("/metrics").headers["date"]?.contains(" \(year) ") == true)
            }
            #expect(!daemon.log.contains("does not answer"))
            try clock.set(-315_576_000)
            let end = try await daemon.terminate()
            #expect(end.code == 0)
            #expect(end.took < .seconds(2))
        }
    }

    @Test(
        "after two hours of sleep, numbers of before are gone, all is asked anew, and in sessions that are not that old"
    )
    func sleep() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            let sessions =
                "SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity WHERE usename = 'monitor'"
            try await FaultSampler.during(fault, FaultSampler.sessions()) { sampler in
                try await Self.withClock(text) { daemon, clock in
                    let first = try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
                    let before = Set(try await fault.sql(sessions).split(separator: " "))
                    try clock.set(7_200, asleep: true)
                    try await daemon.page("all is well again") { page in
                        FaultOutageTests.isWell(page)
                            && page.value("pgsonde_connections_opened_total")
                                == (first.value("pgsonde_connections_opened_total") ?? 0) + 2
                            && page.samples("pgsonde_collector_age_seconds").allSatisfy { $0.value < 60 }
                    }
                    let after = Set(try await fault.sql(sessions).split(separator: " "))
                    #expect(after.count == 2)
                    #expect(before.isDisjoint(with: after), "sessions of an hour are recycled")
                    let end = try await daemon.terminate()
                    #expect(end.code == 0)
                    #expect(end.took < .seconds(2))
                }
                #expect(sampler.most == 2)
                #expect(sampler.failure == nil)
            }
            #expect(fault.errors() == [])
        }
    }

    /// What a daemon takes for the time.
    private struct Clock {
        let file: FileHandle

        /// Sets the time of day so many seconds forth, or has so many have passed in sleep.
        func set(_ seconds: Int, asleep: Bool = false) throws {
            // The library has the file mapped, and sees at once what is written in its place.
            try file.seek(toOffset: asleep ? UInt64(MemoryLayout<Int>.size) : 0)
            try file.write(contentsOf: unsafe withUnsafeBytes(of: seconds) { unsafe Data($0) })
        }
    }

    private static func withClock(
        _ text: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (DaemonProcess, Clock) async throws -> Void
    ) async throws {
        try await DaemonProgram.withFolder(["clock.c": library]) { folder in
            let library = "\(folder.path)/clock.so"
            try Shell.run(try #require(compiler), ["-shared", "-fPIC", "-o", library, "\(folder.path)/clock.c"])
            let offset = folder.appendingPathComponent("offset")
            try Data(count: 4_096).write(to: offset)
            let clock = Clock(file: try FileHandle(forWritingTo: offset))
            let environment = ["LD_PRELOAD": library, "PGSONDE_TEST_CLOCK": offset.path]
            try await withDaemon(text, environment: environment) { daemon in try await body(daemon, clock) }
        }
    }

    private static func isFresh(_ page: PageText) -> Bool {
        page.value("pg_up") == 1 && (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? -1) >= 0
            && (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 5
            && page.value("pg_server_in_recovery") != nil
    }
}
