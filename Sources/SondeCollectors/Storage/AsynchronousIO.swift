package import Sonde

extension Definition {
    /// `pg_aios`, which exists since 18: asynchronous input and output that is under way at this moment.
    package static let asynchronousIO = Definition(
        "aio", help: "Asynchronous input and output under way (pg_aios)",
        from: [18: "pg_aios AS s"],
        columns: [
            .label("state", "s.state"),
            .label("operation", "s.operation"),
            .label("target", "s.target"),
            .gauge("handles", "count(*)", help: "Requests in this state (rows of pg_aios)"),
            .gauge("length_bytes", "sum(s.length)", in: .bytes, help: "Bytes they are about (pg_aios.length)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)
}
