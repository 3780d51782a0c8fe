package import Sonde

extension Definition {
    /// `SHOW USERS`, which has had numbers since 1.23.
    package static let pgbouncerUsers = Definition(
        "pgbouncer_users", help: "Connections and limits of users (SHOW USERS)",
        query: ["1.23": "SHOW USERS"],
        columns: [
            .label("usename", "name"),
            .gauge(
                "max_pool_size", ["1.24": "pool_size"],
                help:
                    "Most server connections of a pool of the user, where it has a limit of its own (SHOW USERS.pool_size)"
            ),
            .gauge(
                "reserve_pool_size", ["1.25": "reserve_pool_size"],
                help:
                    "Those beyond it for clients that wait for long, where it has its own (SHOW USERS.reserve_pool_size)"
            ),
            .gauge(
                "max_server_connections", "max_user_connections",
                help: "Most server connections of the user, 0 for no limit (SHOW USERS.max_user_connections)"),
            .gauge(
                "server_connections", "current_connections",
                help: "Server connections of the user (SHOW USERS.current_connections)"),
            .gauge(
                "max_client_connections", ["1.24": "max_user_client_connections"],
                help: "Most client connections of the user, 0 for no limit (SHOW USERS.max_user_client_connections)"),
            .gauge(
                "client_connections", ["1.24": "current_client_connections"],
                help: "Client connections of the user (SHOW USERS.current_client_connections)"),
        ],
        kind: .pgbouncer)
}
