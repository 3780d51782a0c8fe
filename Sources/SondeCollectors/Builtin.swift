package import Sonde

/// The collectors that come with the daemon.
package enum Builtin {
    /// All of them, in the order of the page: the server first, then what is written and shipped, then what is in its databases.
    package static let collectors: [any Collector] = [
        Definition.server,
        Definition.database,
        Definition.databaseSize,
        Definition.wraparound,
        Definition.activity,
        Definition.waitEvents,
        Definition.locks,
        Definition.backgroundWriter,
        Definition.checkpointer,
        Definition.wal,
        Definition.walPosition,
        Definition.archiver,
        Definition.replication,
        Definition.replicationState,
        Definition.replicationSlot,
        Definition.table,
        Definition.tableSize,
        Definition.index,
        Definition.indexSize,
        Settings(),
    ]
}
