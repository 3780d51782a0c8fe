import Glibc
import Logging
import Sonde

/// The definitions of a folder, put among the collectors that there are already.
struct CollectorsDirectory: Sendable {
    /// All collectors, in the order of the page: a definition with the name of an earlier one stands in its place.
    ///
    /// Nothing that a file holds clashes with what is here.
    private(set) var entries: [Registry.Entry]
    /// What cost its file; the other files count.
    private(set) var problems: [FileProblem] = []
    /// The files that were read, and the folder where that could not be.
    private(set) var files: [LastReading.File] = []
    /// What is not wrong but should be known, one line each.
    private(set) var notes: [String] = []
    /// What others than the user can change, one line each.
    private(set) var dangers: [String] = []

    /// The collectors whose places are to be had, by their names.
    private var places: [String: Int] = [:]
    private var claims = Claims()

    /// The most files of a folder.
    private static let maxFiles = 1_000

    /// Reads the `*.yaml` and `*.yml` of a folder, in the order of their names; hidden files are left out.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - others: the collectors that there are without it.
    ///   - logger: what hears of what commands say; nil where the user has not allowed commands.
    init(_ path: String, among others: [Registry.Entry], logger: Logger? = nil) {
        self.init(among: others)
        read(folder: path, logger)
    }

    /// Makes a folder without files.
    private init(among others: [Registry.Entry]) {
        entries = others
        for (index, entry) in others.enumerated() {
            places[entry.collector.name] = index
            // What is wrong among those is not for a file to answer for.
            _ = claims.claim(entry)
        }
    }

    /// Puts files that are being tried beside a folder's, or in the place of some of them.
    ///
    /// - Parameters:
    ///   - trial: the files, which may be the folder's; pipes, too.
    ///   - path: the folder, if there is one.
    ///   - others: the collectors that there are without both.
    ///   - logger: what hears of what commands say; nil where the user has not allowed commands.
    /// - Returns: the folder with the files in it, and what they define.
    /// - Throws: everything that is wrong with the files.
    static func trying(
        _ trial: [String], beside path: String?, among others: [Registry.Entry], logger: Logger?
    ) throws(FileProblems) -> (directory: CollectorsDirectory, placed: [PlacedCollector]) {
        var directory = CollectorsDirectory(among: others)
        if let path { directory.read(folder: path, logger, but: trial.compactMap { BoundedFile.identity($0) }) }
        var all: [PlacedCollector] = []
        var wrong: [FileProblem] = []
        for file in trial {
            do throws(FileProblems) {
                let bytes = try BoundedFile.read(file, atMost: YAMLParser.maxBytes).bytes
                let placed = try DefinitionDecoder.collectors(in: bytes, file: file, logger: logger)
                for one in placed { wrong += directory.put(one).map { one.problem($0) } }
                all += placed
            } catch {
                wrong += error.problems
            }
        }
        guard wrong.isEmpty else { throw FileProblems(problems: wrong) }
        return (directory, all)
    }

    private mutating func read(folder path: String, _ logger: Logger?, but left: [BoundedFile.Identity] = []) {
        if let danger = FileAccess.danger(ofAddingTo: path) { dangers.append(danger) }
        do {
            for name in try Self.files(in: path) {
                let file = "\(path)/\(name)"
                if let identity = BoundedFile.identity(file), left.contains(identity) { continue }
                let wrong = read(file, in: path, logger)
                files.append(LastReading.File(path: file, isBad: !wrong.isEmpty))
                problems += wrong
                // What is true of the folder is said once.
                if let danger = FileAccess.danger(ofWriting: file), !dangers.contains(danger) { dangers.append(danger) }
            }
        } catch {
            files.append(LastReading.File(path: path, isBad: true))
            problems += error.problems
        }
    }

    /// Takes a file's definitions, all or none.
    ///
    /// - Returns: what is wrong with it.
    private mutating func read(_ file: String, in folder: String, _ logger: Logger?) -> [FileProblem] {
        do {
            let bytes = try BoundedFile.read(file, atMost: YAMLParser.maxBytes, regularOnly: true).bytes
            var trial = self
            var wrong: [FileProblem] = []
            let found = try DefinitionDecoder.collectors(in: bytes, file: file, logger: logger)
            for placed in found {
                wrong += trial.put(placed).map { placed.problem($0) }
                guard let collector = placed.collector as? ExecCollector else { continue }
                let own = [file, folder].filter(BoundedFile.isWritableByOthers)
                let programs = collector.programPaths.filter(BoundedFile.isWritableByOthers)
                wrong += own.map { FileProblem($0, Self.openness) }
                // The program may be in the same folder.
                let said = own.map(BoundedFile.identity)
                wrong += programs.filter { !said.contains(BoundedFile.identity($0)) }.map {
                    placed.problem("\($0): \(Self.openness)")
                }
                for path in collector.files {
                    if let danger = FileAccess.danger(ofWriting: path), !trial.dangers.contains(danger) {
                        trial.dangers.append(danger)
                    }
                }
            }
            if wrong.isEmpty { self = trial }
            return wrong
        } catch {
            return error.problems
        }
    }

    /// Puts a definition in its place.
    ///
    /// - Returns: what others have already that it has, too.
    private mutating func put(_ placed: PlacedCollector) -> [String] {
        let entry = Registry.Entry(placed.cappedCollector, from: "\(placed.file):\(placed.line)")
        // Two files of one name are a clash; so a place is given away once.
        guard let place = places.removeValue(forKey: placed.collector.name) else {
            entries.append(entry)
            return claims.claim(entry)
        }
        notes.append("\(entry.origin): replaces the collector \(placed.collector.name) (\(entries[place].origin))")
        claims.release(entries[place])
        entries[place] = entry
        return claims.claim(entry)
    }

    /// Commands that everyone could change would let everyone run what they like.
    private static let openness = "every user can write to it and there are commands in it: chmod o-w it"

    private static func files(in path: String) throws(FileProblems) -> [String] {
        guard let folder = unsafe opendir(path) else {
            throw FileProblems(problems: [FileProblem(path, "cannot be opened: \(BoundedFile.reason(errno))")])
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        guard names.count <= maxFiles else {
            throw FileProblems(problems: [
                FileProblem(path, "there are more than \(maxFiles) files in it: put several definitions into one")
            ])
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
