package import Sonde

extension Definition {
    /// What keeps vacuum from removing dead rows: the oldest transaction that each kind of holder can still see.
    ///
    /// Sessions hold what they have written as well as what they see. Those that vacuum hold nothing, and are left out, as is the one
    /// that asks; senders of WAL hold what their standby tells them to, unless a slot holds it for them. A slot that is lost holds
    /// nothing.
    package static let xminHorizon = Definition(
        "xmin_horizon", help: "What holds back the removal of dead rows (backend_xmin and others)",
        from: """
            (SELECT 'session' AS holder, a.datname, x.xid FROM pg_stat_activity AS a
            CROSS JOIN LATERAL (SELECT v.xid FROM (VALUES (a.backend_xmin), (a.backend_xid)) AS v (xid)
            WHERE v.xid IS NOT NULL ORDER BY age(v.xid) DESC LIMIT 1) AS x
            WHERE a.backend_type <> 'walsender' AND a.pid <> pg_backend_pid()
            AND a.pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum AS v)
            UNION ALL SELECT 'prepared', p.database, p.transaction FROM pg_prepared_xacts AS p
            UNION ALL SELECT 'slot', s.database, s.xmin FROM pg_replication_slots AS s WHERE s.wal_status IS DISTINCT FROM 'lost'
            UNION ALL SELECT 'slot_catalog', s.database, s.catalog_xmin FROM pg_replication_slots AS s
            WHERE s.wal_status IS DISTINCT FROM 'lost'
            UNION ALL SELECT 'standby', NULL, r.backend_xmin FROM pg_stat_replication AS r) AS h
            WHERE h.xid IS NOT NULL
            """,
        columns: [
            .label("holder", "h.holder"),
            .label("datname", "h.datname"),
            // What began after this statement has an age below zero.
            .gauge(
                "age", "greatest(max(age(h.xid)), 0)",
                help: "Transactions since the oldest that is held "
                    + "(pg_stat_activity.backend_xmin, pg_replication_slots.xmin)"),
            .gauge(
                "holders", "count(*)",
                help: "Sessions, slots or others that hold something (pg_stat_activity.backend_xmin)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)
}
