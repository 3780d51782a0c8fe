import Logging
import Sonde

/// A collector that runs a command and shows what it prints, in the text format 0.0.4.
struct ExecCollector: LocalCollector {
    let name: String
    let help: String
    /// What the names of its families begin with, up to the `_` that follows.
    let prefix: String
    /// The program, by its path or by its name in PATH, and its arguments.
    let command: [String]
    /// Variables that the command has beside those of ``ExecRun/kept``.
    let environment: [String: String]
    /// Labels that every sample gets.
    let labels: [(name: String, value: String)]
    let limits: Exposition.Limits
    let cost: Cost
    let timing: Timing
    let enabled: Bool
    /// What hears of what the command says on its standard error.
    let logger: Logger

    /// Nothing is known of them before the command was run.
    var metrics: [Metric] { [] }
    var prefixes: [String] { ["\(prefix)_"] }

    /// The files that the command names by whole paths: the program, and what it is given, such as a script.
    var files: [String] { command.filter { $0.hasPrefix("/") } }
    /// The program, where it is named by its path, and the folder that it is in.
    var programPaths: [String] {
        guard let program = command.first, program.hasPrefix("/") else { return [] }
        let folder = BoundedFile.folder(of: program)
        return [program, folder.isEmpty ? "/" : folder]
    }

    /// Whether another one shows the same, so that its numbers can stand for this one's.
    func shows(as other: ExecCollector) -> Bool {
        command == other.command && environment == other.environment && prefix == other.prefix && help == other.help
            && labels.elementsEqual(other.labels, by: ==)
    }

    func makeProbe(for timing: Timing) -> any Probe {
        ExecProbe(collector: self)
    }
}
