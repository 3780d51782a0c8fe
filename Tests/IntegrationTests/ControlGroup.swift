import Foundation
import Glibc

/// A cgroup with one limit, for a process and what it starts; where none can be had, ``isAvailable(_:)`` says so.
///
/// That takes root, and a hierarchy of version 1, or of 2 whose controller is handed down to groups.
struct ControlGroup {
    /// What can be limited.
    enum Controller: String {
        case memory
        case pids
    }

    private let folder: String
    private let controller: Controller
    private let isOld: Bool

    private static func root(_ controller: Controller) -> (path: String, isOld: Bool)? {
        let old = "/sys/fs/cgroup/\(controller)"
        if unsafe access("\(old)/cgroup.procs", W_OK) == 0 { return (old, true) }
        let handedDown = try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.subtree_control", encoding: .utf8)
        guard handedDown?.split(whereSeparator: \.isWhitespace).contains("\(controller)") == true,
            unsafe access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0
        else { return nil }
        return ("/sys/fs/cgroup", false)
    }

    /// Whether groups can be made here.
    static func isAvailable(_ controller: Controller) -> Bool {
        guard let group = try? ControlGroup(controller, limit: 1 << 20) else { return false }
        return unsafe rmdir(group.folder) == 0
    }

    /// Lends a group, which goes when its last process has.
    ///
    /// - Parameters:
    ///   - controller: what is limited.
    ///   - limit: bytes of memory, or threads.
    ///   - isolation: the caller's.
    ///   - body: what is done with the group.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or why there is no group.
    static func with<Value>(
        _ controller: Controller, limit: Int, isolation: isolated (any Actor)? = #isolation,
        _ body: (ControlGroup) async throws -> Value
    ) async throws -> Value {
        let group = try ControlGroup(controller, limit: limit)
        do {
            let value = try await body(group)
            await group.remove()
            return value
        } catch {
            await group.remove()
            throw error
        }
    }

    private init(_ controller: Controller, limit: Int) throws {
        guard let root = Self.root(controller) else {
            throw DaemonProgram.Failure(description: "no cgroup with \(controller)")
        }
        folder = "\(root.path)/pgsonde-test-\(UUID().uuidString.prefix(8))"
        (self.controller, isOld) = (controller, root.isOld)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try self.limit(to: limit)
    }

    private func remove() async {
        try? await eventually("the group is empty", within: .seconds(5)) { unsafe rmdir(folder) == 0 }
    }

    /// Begins a program in it: the words that go before those of the program.
    var entrance: [String] {
        ["/bin/sh", "-c", "echo $$ >'\(folder)/cgroup.procs' && exec \"$0\" \"$@\""]
    }

    /// Sets the limit.
    func limit(to limit: Int) throws {
        let name =
            switch controller {
            case .memory: isOld ? "memory.limit_in_bytes" : "memory.max"
            case .pids: "pids.max"
            }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(name)"))
        try file.write(contentsOf: Data("\(limit)".utf8))
        try file.close()
    }

    /// The most bytes that it held.
    var most: Int { number(isOld ? "memory.max_usage_in_bytes" : "memory.peak") }

    /// How many processes the kernel has ended for want of memory.
    var killed: Int { word("oom_kill", of: isOld ? "memory.oom_control" : "memory.events") }

    private func number(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    private func word(_ word: String, of name: String) -> Int {
        let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(word) ") }
        return line.flatMap { Int($0.dropFirst(word.count + 1)) } ?? -1
    }
}
