import ArgumentParser
import Sonde

/// `pgsonde doctor`: what works, what does not, why, and what mends it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what works, what does not, why, and what mends it.",
        discussion: """
            Logs in to each server as the daemon would, runs each collector once, and says of what does not work which \
            statement or setting mends it. --json has no secrets in it, and no names of hosts, roles and databases, so \
            that it can be attached to a bug report.

            The exit code is 0 if all is well, 1 if something is wrong, and 2 if the command line is. What is only not \
            there, since it needs more than pg_monitor, is not wrong, unless the configuration switches it on.
            """)

    @Flag(help: "Print JSON, without secrets and names.")
    var json = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let setup = try load()
        let engine = Engine(setup)
        // One after the other, so that what is printed comes as it is found.
        var isWell = setup.problems.isEmpty
        var diagnoses: [Diagnosis] = []
        if !json {
            let counts = "servers: \(engine.pollers.count), collectors: \(setup.registry.entries.count)"
            say("pgsonde \(Build.version), configuration: \(isWell ? "good" : "WRONG"), \(counts)")
            for problem in setup.problems { say("  WRONG: \(problem)") }
        }
        for index in engine.pollers.indices { take(await Diagnosis(index, of: engine), &diagnoses, &isWell) }
        if let local = await Diagnosis(besideServersOf: engine) { take(local, &diagnoses, &isWell) }
        if json {
            try write(
                DiagnosisDocument(
                    problems: setup.problems.map(\.description), warnings: setup.warnings, diagnoses: diagnoses,
                    isWell: isWell,
                    configuration: ConfigurationEncoder.text(setup.configuration, isForOthers: true),
                    places: places(setup)))
        } else {
            say("")
            say(isWell ? "all is well" : "something is wrong")
        }
        if !isWell { throw ExitCode(1) }
    }

    /// The folders that the configuration is in.
    private func places(_ setup: Setup) -> [String] {
        let files = [options.configFile, setup.configuration.web.configFile].compactMap { $0 }
        let all = [setup.configuration.collectorsDirectory].compactMap { $0 } + files.map(BoundedFile.folder)
        return all.filter { $0.hasPrefix("/") }
    }

    /// Reads the configuration.
    ///
    /// - Throws: what is wrong with it, which is printed already where JSON is wanted.
    private func load() throws -> Setup {
        do {
            return try Setup.load(options, quietly: true)
        } catch {
            guard json, error.exitCode == 1 else { throw error }
            let problems = error.description.split(separator: "\n").map(String.init)
            try write(DiagnosisDocument(problems: problems, diagnoses: [], isWell: false, configuration: ""))
            throw ExitCode(1)
        }
    }

    private func take(_ diagnosis: Diagnosis, _ diagnoses: inout [Diagnosis], _ isWell: inout Bool) {
        isWell = diagnosis.isWell && isWell
        diagnoses.append(diagnosis)
        if !json { say("\n\(DiagnosisText(diagnosis: diagnosis).text)", terminator: "") }
    }

    /// Prints at once, and not when there is enough of it: a server may take its time.
    private func say(_ text: String, terminator: String = "\n") {
        _ = Output.write((text + terminator).utf8)
    }

    private func write(_ document: DiagnosisDocument) throws {
        guard Output.write(document.json.document.utf8) else { throw ExitCode(1) }
    }
}
