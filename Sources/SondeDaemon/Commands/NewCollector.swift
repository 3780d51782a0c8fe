import ArgumentParser
import Glibc
import Sonde

/// `pgsonde collector new NAME`: something to begin with.
struct NewCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Print a definition to begin with, which 'collector test' accepts as it is.")

    @Argument(help: "The name: lower-case letters, digits and _, such as app_jobs.")
    var name: String

    @Option(
        help: ArgumentHelp("A file to write to, which must not be there yet.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let text = Self.skeleton(name)
        let setup = try Setup.load(options, quietly: true)
        try check(text, among: setup.registry)
        guard let output else {
            guard Output.write(text.utf8) else { throw ExitCode(1) }
            return
        }
        let descriptor = unsafe open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Setup.Failure("\(output): cannot be made: \(BoundedFile.reason(errno))") }
        let isWritten = Output.write(text.utf8, to: descriptor)
        guard close(descriptor) == 0, isWritten else {
            throw Setup.Failure("\(output): cannot be written: \(BoundedFile.reason(errno))")
        }
    }

    /// Makes sure that the name can be had.
    private func check(_ text: String, among registry: Registry) throws(Setup.Failure) {
        if let entry = registry.entries.first(where: { $0.collector.name == name }) {
            throw Setup.Failure(
                "there is a collector \(name) already (\(entry.origin)): choose another name, or copy it by 'collector show \(name)'",
                exitCode: 2)
        }
        var claims = Claims()
        for entry in registry.entries { _ = claims.claim(entry) }
        do {
            for placed in try DefinitionDecoder.definitions(in: Array(text.utf8), file: name) {
                let taken = claims.claim(Registry.Entry(placed.definition, from: name))
                guard taken.isEmpty else { throw Setup.Failure(taken.joined(separator: "\n"), exitCode: 2) }
            }
        } catch let failure as Setup.Failure {
            throw failure
        } catch {
            throw Setup.Failure(
                "\(Spelling.quoted(name)) cannot be a name: write lower-case letters, digits and _", exitCode: 2)
        }
    }

    /// A definition that any server has something for.
    static func skeleton(_ name: String) -> String {
        """
        # yaml-language-server: $schema=collector.schema.json
        # The line above has editors check and complete this file: pgsonde collector schema >collector.schema.json
        #
        # Change it, and see what it gives:  pgsonde collector test FILE
        # Then put it into the folder that collectors_dir names in the configuration.

        # The names of the metrics begin with pg_\(name)_.
        name: \(name)
        help: Sessions by state (pg_stat_activity)
        # What stands after FROM: tables, joins and WHERE. Write the schema of what is yours, as in app.jobs.
        from: pg_stat_activity AS a
        # One row for each set of labels; gauges and counters are aggregates then. Without it, each row is one by itself.
        group: true
        columns:
          # A label of every metric. Keep to what takes few values: each is a series of its own.
          - label: state
            sql: coalesce(a.state, 'none')
          # A number that goes up and down. NULL is no sample.
          - gauge: sessions
            sql: count(*)
            help: Sessions (pg_stat_activity.state)
          # With a unit its name ends in it: _seconds, _bytes, _ratio or _timestamp_seconds. `in` says what the SQL gives.
          - gauge: oldest_transaction_seconds
            sql: max(now() - a.xact_start)
            in: seconds
            help: Age of the oldest transaction (pg_stat_activity.xact_start)
          # A number that only grows. Its name ends in _total, and its value is since the beginning, not since the last look.
          #- counter: done_total
          #  sql: sum(j.done)
          #  help: Jobs done (app.jobs.done)

        # Once per server (the default), or in every database, which adds the label datname.
        #per: database
        # light: every 15s, 2s at most. medium: every 1m, 5s. heavy: every 10m, 30s, apart from the others.
        #cost: light
        # Where there may be very many rows: so many by name, the rest in one more row, other.
        #limit: {rows: 100, by: sessions}

        """
    }
}
