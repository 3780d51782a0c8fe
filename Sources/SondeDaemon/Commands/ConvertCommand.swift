import ArgumentParser
import Glibc
import Sonde

/// `pgsonde convert`: other exporters' queries as definitions.
struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write other exporters' files of queries as definitions.",
        discussion: """
            Reads queries.yaml of postgres_exporter and of CloudNativePG (also within a ConfigMap), collector files of \
            pg_exporter, and collector files of sql_exporter. Metrics keep their names and labels. A comment says what \
            could not be kept: read them before you put the file into collectors_dir.

            The exit code is 0, or 1 where a file cannot be read or nothing is left of it, or 2 where the command line is \
            wrong.
            """)

    @Argument(help: ArgumentHelp("Files; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Whose the files are, where their keys do not tell: \(ForeignFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "program"))
    var from: String?

    @Option(help: ArgumentHelp("Write to this new file and not to standard output.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "The names of metrics that are in force where the file will be used, which leave it theirs.",
            valueName: "set"))
    var names = NameSet.pgsonde.rawValue

    @Flag(
        name: .customLong("auto-discover-databases"),
        help: "What postgres_exporter was started with: queries that are not master run in every database.")
    var discovers = false

    func run() async throws {
        let format: ForeignFormat? = try from.map { try choice("--from", $0) }
        var configuration = Configuration()
        configuration.names = try choice("--names", names)
        var read: [ForeignFile] = []
        var problems: [FileProblem] = []
        for file in files {
            do throws(FileProblems) {
                read.append(try ForeignFile(file, from: format, discovers: discovers))
            } catch { problems += error.problems }
        }
        guard problems.isEmpty else { throw Setup.Failure("\(FileProblems(problems: problems))") }
        let collectors = Catalogue(Daemon.collectors, configuration).entries.map(\.collector)
        guard let text = ConvertedText.text(read, among: collectors) else {
            throw Setup.Failure("\(files.joined(separator: ", ")): nothing is left to show")
        }
        try write(text)
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ flag: String, _ word: String
    ) throws(Setup.Failure) -> Choice where Choice.RawValue == String {
        do throws(ValueProblem) {
            return try Choice(word: word)
        } catch { throw Setup.Failure("\(flag): \(error)", exitCode: 2) }
    }

    private func write(_ text: String) throws {
        guard let output else {
            guard Output.write(text.utf8) else { throw Setup.Failure("standard output cannot be written to") }
            return
        }
        let descriptor = unsafe open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Setup.Failure("\(output): cannot be made: \(BoundedFile.reason(errno))")
        }
        defer { close(descriptor) }
        guard Output.write(text.utf8, to: descriptor) else {
            throw Setup.Failure("\(output): cannot be written: \(BoundedFile.reason(errno))")
        }
    }
}
