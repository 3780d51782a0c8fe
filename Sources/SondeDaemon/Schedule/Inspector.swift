import Sonde
import SondePostgres

/// Somebody who looks at what a batch is about to run, in the session that runs it.
protocol Inspector: Sendable {
    /// Looks, before anything of it is run.
    ///
    /// - Parameters:
    ///   - items: the collectors and their plans.
    ///   - facts: what the plans rest on.
    ///   - database: the database, for collectors that run per database.
    ///   - connection: the session.
    ///   - target: the server.
    func inspect(
        _ items: [Batch.Item], _ facts: Facts, database: String?, over connection: Connection, of target: Target) async

    /// Looks once more, after all of it was run: what was read is in the server's memory by now.
    func look(back items: [Batch.Item], _ facts: Facts, over connection: Connection, of target: Target) async
}
