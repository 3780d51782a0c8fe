import ArgumentParser

/// `pgsonde collector schema`.
struct CollectorSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the files of collectors_dir, for editors.")

    func run() async throws {
        guard Output.write(CollectorSchema.document.utf8) else { throw ExitCode(1) }
    }
}
