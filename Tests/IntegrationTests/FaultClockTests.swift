import Foundation
import Glibc
import Testing

/// A time of day that is set while the daemon runs, back and forth.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultClockTests {
    private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// A library for LD_PRELOAD, under which the time of day is the machine's and the seconds in a file more.
    ///
    /// The clocks by which one waits are as they are.
    private static let library = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
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
            return code;
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
        try await DaemonProgram.withFolder(["clock.c": Self.library]) { folder in
            let library = "\(folder.path)/clock.so"
            try Shell.run(
                try #require(Self.compiler), ["-shared", "-fPIC", "-o", library, "\(folder.path)/clock.c"])
            let offset = folder.appendingPathComponent("offset")
            try Data(count: 4_096).write(to: offset)
            let file = try FileHandle(forWritingTo: offset)
            // The library has the file mapped, and sees at once what is written in its place.
            let set = { (seconds: Int) in
                try file.seek(toOffset: 0)
                try file.write(contentsOf: unsafe withUnsafeBytes(of: seconds) { unsafe Data($0) })
            }
            let environment = ["LD_PRELOAD": library, "PGSONDE_TEST_CLOCK": offset.path]
            try await withDaemon(text, environment: environment) { daemon in
                try await daemon.page("it watches") { Self.isFresh($0) }
                for seconds in [86_400, -315_576_000, 0, 3_600, -3_600, 60, -60] {
                    try set(seconds)
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
                try set(-315_576_000)
                let end = try await daemon.terminate()
                #expect(end.code == 0)
                #expect(end.took < .seconds(2))
            }
        }
    }

    private static func isFresh(_ page: PageText) -> Bool {
        page.value("pg_up") == 1 && (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? -1) >= 0
            && (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 5
            && page.value("pg_server_in_recovery") != nil
    }
}
