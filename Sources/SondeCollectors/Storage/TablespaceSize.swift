package import Sonde

extension Definition {
    /// `pg_tablespace_size()`, which looks at every file of a tablespace.
    ///
    /// Unlike ``databaseSize`` it counts what is shared by all databases, and those that cannot be connected to.
    package static let tablespaceSize = Definition(
        "tablespace_size", help: "Sizes of tablespaces (pg_tablespace_size())",
        from: "pg_tablespace AS t",
        columns: [
            .label("spcname", "t.spcname"),
            .gauge(
                "bytes", "pg_tablespace_size(t.oid)", in: .bytes,
                help: "Disk space that the tablespace uses (pg_tablespace_size())"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), cost: .heavy)
}
