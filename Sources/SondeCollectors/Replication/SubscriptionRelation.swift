package import Sonde

extension Definition {
    /// `pg_subscription_rel`: how far the first copies of a subscription's tables, since 19 of its sequences too, have got.
    ///
    /// The names come from the statistics, for on 13 nobody else than a superuser sees the key of `pg_subscription`.
    package static let subscriptionRelation = Definition(
        "subscription_rel", help: "Tables of subscriptions by state (pg_subscription_rel)",
        from: """
            pg_subscription_rel AS r
            JOIN (SELECT DISTINCT s.subid, s.subname FROM pg_stat_subscription AS s) AS u ON u.subid = r.srsubid
            """,
        columns: [
            .label("subname", "u.subname"),
            .label(
                "state",
                """
                CASE r.srsubstate WHEN 'i' THEN 'initialize' WHEN 'd' THEN 'data copy' WHEN 'f' THEN 'finished copy'
                WHEN 's' THEN 'synchronized' WHEN 'r' THEN 'ready' ELSE r.srsubstate::text END
                """),
            .gauge("relations", "count(*)", help: "Tables in this state (pg_subscription_rel.srsubstate)"),
        ],
        per: .database, cost: .medium, group: true)
}
