package import Sonde

/// The collectors that come with the daemon.
package enum Builtin {
    /// All of them, in the order of the page: the server first, then what is written and shipped, then what is in its databases.
    package static let collectors: [any Collector] =
        server + databases + sessions + storage + wal + replication + progress + relations
        + statements + pgbouncer

    private static let server: [any Collector] = [
        Definition.server,
        Definition.control,
        Definition.controlCheckpoint,
        Definition.controlRecovery,
        Definition.connectionSlots,
        Definition.role,
        Definition.roleAttributes,
        Definition.extension,
        Settings(),
        Definition.fileSettings,
        Definition.hbaRules,
        Definition.identMappings,
    ]

    private static let databases: [any Collector] = [
        Definition.database,
        Definition.databaseSize,
        Definition.databaseConflicts,
        Definition.databaseCollation,
        Definition.wraparound,
        Definition.multixact,
        Definition.multixactFiles,
    ]

    private static let sessions: [any Collector] = [
        Definition.activity,
        Definition.waitEvents,
        Definition.undeadSessions,
        Definition.autovacuumWorkers,
        Definition.tls,
        Definition.gssapi,
        Definition.snapshot,
        Definition.xminHorizon,
        Definition.preparedTransactions,
        Definition.locks,
        Definition.lockWaits,
        Definition.blocking,
    ]

    private static let storage: [any Collector] = [
        Definition.backgroundWriter,
        Definition.checkpointer,
        Definition.io,
        Definition.asynchronousIO,
        Definition.slru,
        Definition.bufferCache,
        Definition.bufferCacheUsage,
        Definition.sharedMemory,
        Definition.sharedMemoryNUMA,
        Definition.sharedMemoryRegistry,
        Definition.temporaryFiles,
        Definition.logDirectory,
        Definition.tablespaceSize,
    ]

    private static let wal: [any Collector] = [
        Definition.wal,
        Definition.walPosition,
        Definition.walDirectory,
        Definition.archiver,
        Definition.archiveStatus,
        Definition.backup,
        Definition.walSummarizer,
    ]

    private static let replication: [any Collector] = [
        Definition.replication,
        Definition.replicationState,
        Definition.replicationSlot,
        Definition.walReceiver,
        Definition.recovery,
        Definition.recoveryPrefetch,
        Definition.logicalDecoding,
        Definition.replicationOrigin,
        Definition.publication,
        Definition.subscription,
        Definition.subscriptionStats,
        Definition.subscriptionRelation,
    ]

    private static let progress: [any Collector] = [
        Definition.progressVacuum,
        Definition.progressAnalyze,
        Definition.progressCreateIndex,
        Definition.progressCluster,
        Definition.progressCopy,
        Definition.progressBaseBackup,
    ]

    private static let statements: [any Collector] = [
        Definition.statement,
        Definition.statementStore,
        Definition.statementText,
    ]

    private static let relations: [any Collector] = [
        Definition.table,
        Definition.tableCatalog,
        Definition.tableSize,
        Definition.catalogSize,
        Definition.tableBloat,
        Definition.tableBloatApprox,
        Definition.partitionedTable,
        PartitionedTableActivity(),
        Definition.partitionedTableSize,
        Definition.autovacuumScore,
        Definition.index,
        Definition.indexSize,
        Definition.indexCheck,
        Definition.indexRedundant,
        Definition.indexBloat,
        Definition.foreignKey,
        Definition.sequence,
        Definition.sequenceUsage,
        Definition.function,
        Definition.relation,
    ]

    /// What a PgBouncer says of itself.
    private static let pgbouncer: [any Collector] = [
        Definition.pgbouncerVersion,
        PgBouncerState(),
        Definition.pgbouncerLists,
        PgBouncerPools(),
        Definition.pgbouncerPeers,
        Definition.pgbouncerPeerPools,
        PgBouncerConnections.clients,
        PgBouncerConnections.servers,
        Definition.pgbouncerStats,
        Definition.pgbouncerDatabases,
        Definition.pgbouncerUsers,
        Definition.pgbouncerMemory,
        PgBouncerConfig(),
    ]
}
