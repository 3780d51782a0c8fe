package import Sonde

extension Definition {
    /// `SHOW DATABASES`, the entries that clients may connect to, with their limits.
    ///
    /// Columns that a version does not have are left out.
    package static let pgbouncerDatabases = Definition(
        "pgbouncer_databases", help: "The entries that clients connect to (SHOW DATABASES.name)",
        query: "SHOW DATABASES",
        columns: [
            .label("datname", "name"),
            .info("host", "host"),
            .info("port", "port"),
            .info("server_datname", "database"),
            .info("force_user", "force_user"),
            .info("pool_mode", "pool_mode"),
            .gauge(
                "max_pool_size", "pool_size",
                help: "Most server connections of a pool of this entry (SHOW DATABASES.pool_size)"),
            .gauge(
                "min_pool_size", "min_pool_size",
                help: "Server connections that a pool keeps (SHOW DATABASES.min_pool_size)"),
            .gauge(
                "reserve_pool_size", ["1.18": "reserve_pool", "1.24": "reserve_pool_size"],
                help:
                    "Server connections beyond the pool for clients that wait for long (SHOW DATABASES.reserve_pool_size, reserve_pool)"
            ),
            .gauge(
                "server_lifetime_seconds", ["1.23": "server_lifetime"], in: .seconds,
                help: "Longest life of a server connection (SHOW DATABASES.server_lifetime)"),
            .gauge(
                "max_server_connections", "max_connections",
                help:
                    "Most server connections of all pools of this entry, 0 for no limit (SHOW DATABASES.max_connections)"
            ),
            .gauge(
                "server_connections", "current_connections",
                help: "Server connections of all pools of this entry (SHOW DATABASES.current_connections)"),
            .gauge(
                "max_client_connections", ["1.24": "max_client_connections"],
                help: "Most client connections, 0 for no limit (SHOW DATABASES.max_client_connections)"),
            .gauge(
                "client_connections", ["1.24": "current_client_connections"],
                help: "Client connections (SHOW DATABASES.current_client_connections)"),
            .gauge("is_paused", "paused", help: "1 if the entry is paused (SHOW DATABASES.paused)"),
            .gauge("is_disabled", "disabled", help: "1 if the entry takes no new clients (SHOW DATABASES.disabled)"),
        ],
        kind: .pgbouncer)
}
