import Foundation
import Glibc

/// What a process holds at one moment, as the system sees it.
struct HeldResources: CustomStringConvertible {
    /// Memory of its own, without files and shared libraries, in bytes.
    let anonymous: Int
    let descriptors: Int
    let threads: Int

    /// Looks at a process.
    ///
    /// - Throws: where there is no such process.
    init(_ process: pid_t) throws {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let field = { (name: String) in
            status.split(separator: "\n").first { $0.hasPrefix(name) }?.split { $0 == " " || $0 == "\t" }.dropFirst()
                .first.flatMap { Int($0) } ?? 0
        }
        anonymous = field("RssAnon:") * 1_024
        threads = field("Threads:")
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    var description: String { "\(anonymous >> 10) kB, \(descriptors) descriptors, \(threads) threads" }

    /// Limits the memory of a process to so many bytes beside what it has reserved and not touched.
    ///
    /// - Throws: where that is not to be had.
    static func limitMemory(_ process: pid_t, to amount: Int) throws {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        // What RLIMIT_DATA counts: all private memory that can be written to, touched or not.
        let reserved = status.firstMatch(of: /VmData:\s+(\d+) kB/).flatMap { Int($0.1) }.map { $0 * 1_024 } ?? 0
        try limit(process, "data", to: reserved + amount - (try HeldResources(process).anonymous))
    }

    /// Limits a resource of a process that runs, `nofile` or `data`; its hard limit stays.
    ///
    /// - Throws: where that is not to be had.
    static func limit(_ process: pid_t, _ resource: String, to amount: Int) throws {
        try Shell.run("/usr/bin/prlimit", ["--pid=\(process)", "--\(resource)=\(amount):"])
    }
}
