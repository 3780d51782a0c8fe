package import Sonde

extension Definition {
    /// `SHOW USERS`, which has had numbers since 1.23.
    package static let pgbouncerUsers = Definition(
        "pgbouncer_users", help: "Connections and limits of users (SHOW USERS)",
        query: ["1.23": "SHOW USERS"],
        columns: [
            .label("usename", "name"),
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
