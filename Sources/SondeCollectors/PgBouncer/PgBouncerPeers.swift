package import Sonde

extension Definition {
    /// `SHOW PEERS`: the processes that share a port and hand each other cancel requests; PgBouncer has known them since 1.19.
    package static let pgbouncerPeers = Definition(
        "pgbouncer_peers", help: "Processes that cancel requests are handed on to (SHOW PEERS.host)",
        query: ["1.19": "SHOW PEERS"],
        columns: [
            .label("peer_id", "peer_id"),
            .info("host", "host"),
            .info("port", "port"),
            .gauge(
                "max_pool_size", "pool_size",
                help: "Most cancel requests that are with the peer at a time (SHOW PEERS.pool_size)"),
        ],
        kind: .pgbouncer)

    /// `SHOW PEER_POOLS`: the cancel requests that are on their way to a peer; a pool is there once one was.
    package static let pgbouncerPeerPools = Definition(
        "pgbouncer_peer_pools", help: "Cancel requests on their way to peers (SHOW PEER_POOLS)",
        query: ["1.19": "SHOW PEER_POOLS"],
        columns: [
            .label("peer_id", "peer_id"),
            .gauge(
                "cl_active_cancel_req", "cl_active_cancel_req",
                help: "Clients whose cancel request is with the peer (SHOW PEER_POOLS.cl_active_cancel_req)"),
            .gauge(
                "cl_waiting_cancel_req", "cl_waiting_cancel_req",
                help: "Clients whose cancel request waits for the peer (SHOW PEER_POOLS.cl_waiting_cancel_req)"),
            .gauge(
                "sv_active_cancel", "sv_active_cancel",
                help: "Connections that forward a cancel request (SHOW PEER_POOLS.sv_active_cancel)"),
            .gauge("sv_login", "sv_login", help: "Connections that are being made (SHOW PEER_POOLS.sv_login)"),
        ],
        kind: .pgbouncer)
}
