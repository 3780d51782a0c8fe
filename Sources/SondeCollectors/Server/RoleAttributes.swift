package import Sonde

extension Definition {
    /// `pg_roles`: how many may log in, and how many of them may do what others may not.
    package static let roleAttributes = Definition(
        "role_attributes", help: "Roles that may log in, by what else they may do (pg_roles)",
        from: "pg_roles AS r WHERE r.rolcanlogin",
        columns: [
            .gauge("login", "count(*)", help: "Roles that may log in (pg_roles.rolcanlogin)"),
            .gauge(
                "superuser", "count(*) FILTER (WHERE r.rolsuper)",
                help: "Superusers that may log in (pg_roles.rolsuper)"),
            .gauge(
                "createrole", "count(*) FILTER (WHERE r.rolcreaterole)",
                help: "Roles that may log in and make roles (pg_roles.rolcreaterole)"),
            .gauge(
                "createdb", "count(*) FILTER (WHERE r.rolcreatedb)",
                help: "Roles that may log in and make databases (pg_roles.rolcreatedb)"),
            .gauge(
                "replication", "count(*) FILTER (WHERE r.rolreplication)",
                help: "Roles that may log in and replicate (pg_roles.rolreplication)"),
            .gauge(
                "bypassrls", "count(*) FILTER (WHERE r.rolbypassrls)",
                help: "Roles that may log in and are above row security (pg_roles.rolbypassrls)"),
            .gauge(
                "expired", "count(*) FILTER (WHERE r.rolvaliduntil < clock_timestamp())",
                help: "Roles that may log in but whose password has expired (pg_roles.rolvaliduntil)"),
        ], cost: .medium)
}
