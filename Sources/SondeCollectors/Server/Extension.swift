package import Sonde

extension Definition {
    /// `pg_extension` and `pg_available_extensions`: what is installed in each database, and what the server's files would give it.
    package static let `extension` = Definition(
        "extension", help: "Extensions that are installed, and the version of their files (pg_extension)",
        // One control file of each extension that the server has is read, installed or not.
        from: "pg_extension AS e LEFT JOIN pg_available_extensions AS a ON a.name = e.extname",
        columns: [
            .label("extname", "e.extname"),
            .info("extversion", "e.extversion"),
            .info("default_version", "a.default_version"),
            .gauge(
                "update_available", "e.extversion <> a.default_version",
                help: "1 if ALTER EXTENSION UPDATE would change its version (pg_available_extensions.default_version)"),
        ],
        per: .database, cost: .heavy)
}
