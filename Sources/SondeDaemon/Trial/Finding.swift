/// Something that a trial found in a file.
struct Finding: Sendable, Hashable, CustomStringConvertible {
    let problem: FileProblem
    /// Whether the daemon would show less than is asked for, or something wrong.
    let isError: Bool

    var description: String {
        guard !isError else { return problem.description }
        return FileProblem(
            problem.file, line: problem.line, column: problem.column, "warning: \(problem.message)"
        ).description
    }
}
