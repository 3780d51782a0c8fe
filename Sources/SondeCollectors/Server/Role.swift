package import Sonde

extension Definition {
    /// `pg_roles`: those that may log in and have a limit or a last day.
    ///
    /// Other roles have nothing that runs out. There may be many with a last day where a vault makes them, so no more are read than
    /// those that end first, and one by which it shows that there are more.
    package static let role = Definition(
        "role", help: "Roles whose sessions are limited or whose password expires (pg_roles)",
        from: """
            (SELECT r.oid, r.rolname, r.rolconnlimit, nullif(r.rolvaliduntil, 'infinity') AS rolvaliduntil
            FROM pg_roles AS r
            WHERE r.rolcanlogin AND (r.rolconnlimit >= 0 OR r.rolvaliduntil < 'infinity')
            ORDER BY r.rolconnlimit < 0, 4, 2 LIMIT 501) AS r
            LEFT JOIN (SELECT a.usesysid, count(*) AS connections FROM pg_stat_activity AS a
            WHERE a.backend_type IN ('client backend', 'walsender') GROUP BY a.usesysid) AS s ON s.usesysid = r.oid
            """,
        columns: [
            .label("rolname", "r.rolname"),
            .gauge(
                "connection_limit", "r.rolconnlimit",
                help: "Most sessions that the role may have, -1 for no limit (pg_roles.rolconnlimit)"),
            .gauge(
                "connections", "coalesce(s.connections, 0)",
                help: "Sessions of the role that count for its limit (pg_stat_activity.usesysid)"),
            .gauge(
                "valid_until_timestamp_seconds", "r.rolvaliduntil", in: .timestamp,
                help: "When the role's password expires (pg_roles.rolvaliduntil)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), cost: .medium,
        limit: Limit(rows: 500, by: ["connections"], cap: 500))
}
