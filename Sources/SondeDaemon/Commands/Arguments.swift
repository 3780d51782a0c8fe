/// Brings a command line into the form that the parser reads.
///
/// Flags may stand before or after the subcommand, `run` may be left out, and `--collector.NAME` and `--no-collector.NAME` exist for
/// collectors that are only known once the definitions are loaded.
struct Arguments {
    /// A mistake that the parser would not name well.
    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    /// Flags that take the next word as their value.
    private static let withValue = Set(
        ["--config.file", "--web.listen-address", "--web.telemetry-path", "--log.level", "--log.format", "--names"]
            + ForeignOptions.withValue)

    let words: [String]

    /// Normalises a command line.
    ///
    /// - Parameters:
    ///   - words: without the program's name.
    ///   - commands: the names of the subcommands; the first is what runs if none is named.
    /// - Throws: ``Mistake`` for a word that is neither a flag nor a subcommand.
    init(_ words: [String], commands: [String]) throws(Mistake) {
        // Unit files of postgres_exporter's may leave such a value empty, which the parser would take for missing.
        let words = words.map(Self.toggle).filter { word in
            !(word.hasSuffix("=") && ForeignOptions.withValue.contains(String(word.dropLast())))
        }
        for word in words {
            guard let meant = Self.meantCollectorFlag(word) else { continue }
            throw Mistake(description: "there is no flag '\(word)'; did you mean '\(meant)'?")
        }
        // Asked of the parser as a whole.
        if words.contains(where: { $0.hasPrefix("--generate-") || $0.hasPrefix("--experimental-") }) {
            self.words = words
            return
        }
        guard let place = Self.firstPlainWord(words) else {
            let isQuestion = words.contains { ["-h", "--help", "--help-hidden", "--version"].contains($0) }
            self.words = isQuestion ? words : Array(commands.prefix(1)) + words
            return
        }
        let word = words[place]
        if commands.contains(word) || word == "help" {
            self.words = [word] + words[..<place] + words[(place + 1)...]
        } else if place > 0 {
            // Behind a flag that there is not: the parser knows which was meant.
            self.words = Array(commands.prefix(1)) + words
        } else {
            let nearest = Spelling.nearest(word, among: commands).map { "; did you mean '\($0)'?" } ?? ""
            throw Mistake(description: "there is no command '\(word)'\(nearest)\nSee 'pgsonde --help'.")
        }
    }

    /// The flag that a misspelt `--no-colector.locks` should have been; nil for anything else.
    private static func meantCollectorFlag(_ word: String) -> String? {
        guard word.hasPrefix("--"), word != "--collectors.exec", let dot = word.firstIndex(of: ".") else { return nil }
        let start = word.hasPrefix("--no-") ? "--no-" : "--"
        let group = String(word[..<dot].dropFirst(start.count))
        guard group != "collector", Spelling.nearest(group, among: ["collector"]) != nil else { return nil }
        return "\(start)collector\(word[dot...])"
    }

    private static func firstPlainWord(_ words: [String]) -> Int? {
        var index = 0
        while index < words.count {
            if words[index] == "--" { return nil }
            guard words[index].hasPrefix("-") else { return index }
            index += withValue.contains(words[index]) ? 2 : 1
        }
        return nil
    }

    /// `--no-collector.x` is `--without-collector=x` to the parser.
    ///
    /// One collector of postgres_exporter has flags of its own, which begin with its name and a dot.
    private static func toggle(_ word: String) -> String {
        let own = "collector.stat_statements."
        for prefix in ["--", "--no-"] where word.hasPrefix(prefix + own) {
            return prefix + ForeignOptions.statementsPrefix + word.dropFirst((prefix + own).count)
        }
        for (prefix, flag) in [("--collector.", "--with-collector="), ("--no-collector.", "--without-collector=")]
        where word.hasPrefix(prefix) {
            return flag + word.dropFirst(prefix.count)
        }
        return word
    }
}
