import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("The collectors of PgBouncer")
struct PgBouncerTests {
    static let names = Builtin.collectors.filter { $0.kind == .pgbouncer }.map(\.name)

    /// The samples that a collector makes of a result in CSV, as the console prints it.
    private static func samples(_ name: String, _ lines: [String]) throws -> [String] {
        let cells = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let columns = try #require(cells.first).map { Rows.Column($0) }
        var rehearsal = Rehearsal(try BuiltinTests.collector(name))
        let outcome = try rehearsal.run([Canned(columns, rows: cells.dropFirst().map { $0.map { $0 } })])
        #expect(outcome.counts.unreadable == 0)
        #expect(outcome.counts.duplicates == 0)
        return outcome.page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }

    @Test("ask by commands of the console, and by nothing else", arguments: names)
    func commands(name: String) throws {
        let collector = try BuiltinTests.collector(name)
        for minor in 18...26 {
            for step in collector.plan(for: Facts(version: Version(1, minor)), without: []).steps {
                #expect(step.sql.wholeMatch(of: #/SHOW [A-Z_]+/#) != nil, "\(step.sql)")
            }
        }
        #expect(collector.per == .server && collector.cost != .heavy)
    }

    @Test(
        "are left out where the console does not know the command, or has no numbers",
        arguments: [
            ("pgbouncer_state", 19), ("pgbouncer_peers", 19), ("pgbouncer_peer_pools", 19), ("pgbouncer_users", 23),
            ("pgbouncer_pools", 18), ("pgbouncer_stats", 18),
        ])
    func versions(name: String, since: Int) throws {
        let collector = try BuiltinTests.collector(name)
        for minor in 18...26 {
            let plan = collector.plan(for: Facts(version: Version(1, minor)), without: [])
            #expect(plan.steps.isEmpty == (minor < since), "1.\(minor)")
        }
    }

    @Test("pools: the longest wait is seconds and the microseconds beside them")
    func pools() throws {
        let samples = try Self.samples(
            "pgbouncer_pools",
            [
                "database,user,cl_active,cl_waiting,cl_active_cancel_req,cl_waiting_cancel_req,sv_active,"
                    + "sv_active_cancel,sv_being_canceled,sv_idle,sv_used,sv_tested,sv_login,maxwait,maxwait_us,pool_mode",
                "app,web,3,2,0,0,4,0,0,1,0,0,0,1,250000,transaction", "app,job,1,0,0,0,0,0,0,0,0,0,0,0,0,transaction",
            ])
        #expect(samples.contains(#"pgbouncer_pools_cl_waiting{datname="app",usename="web"} 2"#))
        #expect(samples.contains(#"pgbouncer_pools_sv_idle{datname="app",usename="web"} 1"#))
        #expect(samples.contains(#"pgbouncer_pools_maxwait_seconds{datname="app",usename="web"} 1.25"#))
        #expect(samples.contains(#"pgbouncer_pools_maxwait_seconds{datname="app",usename="job"} 0"#))
        #expect(samples.contains(#"pgbouncer_pools_info{datname="app",usename="job",pool_mode="transaction"} 1"#))
        #expect(samples.count == 26)
    }

    @Test("peers: where they are, and the cancel requests on their way to them")
    func peers() throws {
        let peers = try Self.samples(
            "pgbouncer_peers", ["peer_id,host,port,pool_size", "1,/run/pgbouncer,6432,10", "2,10.0.0.2,6433,3"])
        #expect(
            peers == [
                #"pgbouncer_peers_info{peer_id="1",host="/run/pgbouncer",port="6432"} 1"#,
                #"pgbouncer_peers_info{peer_id="2",host="10.0.0.2",port="6433"} 1"#,
                #"pgbouncer_peers_max_pool_size{peer_id="1"} 10"#, #"pgbouncer_peers_max_pool_size{peer_id="2"} 3"#,
            ])
        let pools = try Self.samples(
            "pgbouncer_peer_pools",
            ["peer_id,cl_active_cancel_req,cl_waiting_cancel_req,sv_active_cancel,sv_login", "2,1,4,1,0"])
        #expect(
            pools == [
                #"pgbouncer_peer_pools_cl_active_cancel_req{peer_id="2"} 1"#,
                #"pgbouncer_peer_pools_cl_waiting_cancel_req{peer_id="2"} 4"#,
                #"pgbouncer_peer_pools_sv_active_cancel{peer_id="2"} 1"#,
                #"pgbouncer_peer_pools_sv_login{peer_id="2"} 0"#,
            ])
    }

    @Test("clients are counted by database, user and state, and only the longest wait is shown")
    func clients() throws {
        let samples = try Self.samples(
            "pgbouncer_clients",
            [
                "type,user,database,state,addr,port,connect_time,wait,wait_us,close_needed,ptr,tls",
                "C,web,app,active,10.0.0.1,40001,x,0,0,0,0x1,", "C,web,app,waiting,10.0.0.1,40002,x,1,500000,0,0x2,",
                "C,web,app,waiting,10.0.0.2,40003,x,0,900000,0,0x3,TLSv1.3/X",
                "C,job,app,active,unix,6432,x,0,0,0,0x4,",
            ])
        #expect(
            samples == [
                #"pgbouncer_clients_connections{datname="app",usename="web",state="active"} 1"#,
                #"pgbouncer_clients_connections{datname="app",usename="web",state="waiting"} 2"#,
                #"pgbouncer_clients_connections{datname="app",usename="job",state="active"} 1"#,
                #"pgbouncer_clients_oldest_wait_seconds{datname="app",usename="web",state="active"} 0"#,
                #"pgbouncer_clients_oldest_wait_seconds{datname="app",usename="web",state="waiting"} 1.5"#,
                #"pgbouncer_clients_oldest_wait_seconds{datname="app",usename="job",state="active"} 0"#,
                #"pgbouncer_clients_tls{datname="app",usename="web",state="active"} 0"#,
                #"pgbouncer_clients_tls{datname="app",usename="web",state="waiting"} 1"#,
                #"pgbouncer_clients_tls{datname="app",usename="job",state="active"} 0"#,
            ])
    }

    @Test("servers are counted by database, user and state, with those that will be closed")
    func servers() throws {
        let samples = try Self.samples(
            "pgbouncer_servers",
            [
                "type,user,database,state,addr,port,wait,wait_us,close_needed,ptr",
                "S,web,app,idle,10.0.0.9,5432,0,0,1,0x1", "S,web,app,idle,10.0.0.9,5432,0,0,0,0x2",
            ])
        #expect(
            samples == [
                #"pgbouncer_servers_connections{datname="app",usename="web",state="idle"} 2"#,
                #"pgbouncer_servers_close_needed{datname="app",usename="web",state="idle"} 1"#,
            ])
    }

    @Test("statistics: totals in base units, of what the version has")
    func stats() throws {
        let old = try Self.samples(
            "pgbouncer_stats",
            [
                "database,total_xact_count,total_query_count,total_received,total_sent,total_xact_time,total_query_time,"
                    + "total_wait_time,avg_xact_count,avg_query_count,avg_recv,avg_sent,avg_xact_time,avg_query_time,avg_wait_time",
                "workload,32623,32637,3609300,2153047,7566941,7566652,8226,4675,4677,517291,308578,231,231,1178",
            ])
        #expect(
            old == [
                #"pgbouncer_stats_xact_total{datname="workload"} 32623"#,
                #"pgbouncer_stats_query_total{datname="workload"} 32637"#,
                #"pgbouncer_stats_received_bytes_total{datname="workload"} 3609300"#,
                #"pgbouncer_stats_sent_bytes_total{datname="workload"} 2153047"#,
                #"pgbouncer_stats_xact_time_seconds_total{datname="workload"} 7.566941"#,
                #"pgbouncer_stats_query_time_seconds_total{datname="workload"} 7.566652"#,
                #"pgbouncer_stats_wait_time_seconds_total{datname="workload"} 0.008226"#,
            ])
        let new = try Self.samples(
            "pgbouncer_stats",
            [
                "database,total_server_assignment_count,total_xact_count,total_query_count,total_received,total_sent,"
                    + "total_xact_time,total_query_time,total_wait_time,total_client_parse_count,total_server_parse_count,"
                    + "total_bind_count,total_client_login_count",
                "workload,24173,24173,24173,1496518,1595406,4523490,4523490,20759,5,6,7,4",
            ])
        #expect(new.count == 12)
        #expect(new.contains(#"pgbouncer_stats_server_assignment_total{datname="workload"} 24173"#))
        #expect(new.contains(#"pgbouncer_stats_client_parse_total{datname="workload"} 5"#))
        #expect(new.contains(#"pgbouncer_stats_client_login_total{datname="workload"} 4"#))
    }

    @Test("entries: a limit keeps its name when its column gets another")
    func databases() throws {
        let old = try Self.samples(
            "pgbouncer_databases",
            [
                "name,host,port,database,force_user,pool_size,min_pool_size,reserve_pool,pool_mode,max_connections,"
                    + "current_connections,paused,disabled",
                "shop,/run/postgresql,5432,app,,10,1,2,,0,3,1,0",
            ])
        let new = try Self.samples(
            "pgbouncer_databases",
            [
                "name,host,port,database,force_user,pool_size,min_pool_size,reserve_pool_size,server_lifetime,pool_mode,"
                    + "load_balance_hosts,max_connections,current_connections,max_client_connections,"
                    + "current_client_connections,paused,disabled",
                "shop,/run/postgresql,5432,app,,10,1,2,3600,,,0,3,50,7,1,0",
            ])
        #expect(Set(old).isSubset(of: Set(new)))
        #expect(old.count == 8 && new.count == 11)
        #expect(old.contains(#"pgbouncer_databases_reserve_pool_size{datname="shop"} 2"#))
        #expect(old.contains(#"pgbouncer_databases_is_paused{datname="shop"} 1"#))
        #expect(new.contains(#"pgbouncer_databases_server_lifetime_seconds{datname="shop"} 3600"#))
        #expect(new.contains(#"pgbouncer_databases_client_connections{datname="shop"} 7"#))
        #expect(
            new.first == #"pgbouncer_databases_info{datname="shop",host="/run/postgresql",port="5432","#
                + #"server_datname="app",force_user="",pool_mode=""} 1"#)
    }

    @Test("users, lists and memory")
    func others() throws {
        let users = try Self.samples(
            "pgbouncer_users",
            [
                "name,pool_size,reserve_pool_size,pool_mode,max_user_connections,current_connections,"
                    + "max_user_client_connections,current_client_connections", "postgres,,,,0,3,9,4",
            ])
        #expect(users.count == 4)
        #expect(users.contains(#"pgbouncer_users_max_client_connections{usename="postgres"} 9"#))
        #expect(
            try Self.samples("pgbouncer_lists", ["list,items", "free_clients,46"])
                == [#"pgbouncer_lists_items{list="free_clients"} 46"#])
        #expect(
            try Self.samples("pgbouncer_memory", ["name,size,used,free,memtotal", "db_cache,208,4,74,16224"]) == [
                #"pgbouncer_memory_item_bytes{name="db_cache"} 208"#,
                #"pgbouncer_memory_used_items{name="db_cache"} 4"#,
                #"pgbouncer_memory_free_items{name="db_cache"} 74"#,
                #"pgbouncer_memory_allocated_bytes{name="db_cache"} 16224"#,
            ])
    }

    @Test("settings: numbers by their unit; no texts, paths, modes or ports")
    func config() throws {
        let samples = try Self.samples(
            "pgbouncer_config",
            [
                "key,value,default,changeable", "max_client_conn,200,100,yes", "server_lifetime,3600,3600,yes",
                "query_wait_timeout,0.5,120,yes", "tcp_user_timeout,1500,0,yes", "pkt_buf,4096,4096,no",
                "listen_port,6432,6432,no", "unix_socket_mode,0777,0777,no", "auth_file,/etc/1,,yes",
                "auth_type,trust,md5,yes", "user,,,no", "listen_addr,127.0.0.1,,no", "logfile,2026-01-01,,yes",
            ])
        #expect(
            samples == [
                #"pgbouncer_config_value{name="max_client_conn"} 200"#,
                #"pgbouncer_config_seconds{name="server_lifetime"} 3600"#,
                #"pgbouncer_config_seconds{name="query_wait_timeout"} 0.5"#,
                #"pgbouncer_config_seconds{name="tcp_user_timeout"} 1.5"#,
                #"pgbouncer_config_bytes{name="pkt_buf"} 4096"#,
            ])
    }

    @Test("the state is one of those that there are")
    func state() throws {
        #expect(
            try Self.samples("pgbouncer_state", ["key,value", "active,no", "paused,yes", "suspended,no"]) == [
                #"pgbouncer_state_current{state="active"} 0"#, #"pgbouncer_state_current{state="paused"} 1"#,
                #"pgbouncer_state_current{state="suspended"} 0"#,
            ])
    }

    @Test("use no label but these, called as those of PostgreSQL where they are the same")
    func labels() {
        let collectors = Builtin.collectors.filter { $0.kind == .pgbouncer }
        #expect(
            Set(collectors.flatMap(\.metrics).flatMap(\.labels)) == [
                "datname", "force_user", "host", "list", "name", "peer_id", "pool_mode", "port",
                "server_datname", "state",
                "usename",
                "version",
            ])
    }

    @Test("take no name of pgbouncer_exporter's, whose labels are others")
    func exporter() {
        let theirs = """
            pgbouncer_cached_dns_names pgbouncer_cached_dns_zones pgbouncer_client_connections
            pgbouncer_config_max_client_connections pgbouncer_config_max_user_connections pgbouncer_databases
            pgbouncer_databases_current_connections pgbouncer_databases_disabled
            pgbouncer_databases_max_connections pgbouncer_databases_paused pgbouncer_databases_pool_size
            pgbouncer_databases_reserve_pool pgbouncer_exporter_build_info pgbouncer_free_clients
            pgbouncer_free_servers pgbouncer_in_flight_dns_queries pgbouncer_login_clients pgbouncer_pools
            pgbouncer_pools_client_active_cancel_connections pgbouncer_pools_client_active_connections
            pgbouncer_pools_client_maxwait_seconds pgbouncer_pools_client_waiting_cancel_connections
            pgbouncer_pools_client_waiting_connections pgbouncer_pools_server_active_cancel_connections
            pgbouncer_pools_server_active_connections pgbouncer_pools_server_being_canceled_connections
            pgbouncer_pools_server_idle_connections pgbouncer_pools_server_login_connections
            pgbouncer_pools_server_testing_connections pgbouncer_pools_server_used_connections
            pgbouncer_stats_totals_client_wait_seconds_total
            pgbouncer_stats_totals_queries_duration_seconds_total pgbouncer_stats_totals_queries_pooled_total
            pgbouncer_stats_totals_received_bytes_total pgbouncer_stats_totals_sent_bytes_total
            pgbouncer_stats_totals_server_in_transaction_seconds_total
            pgbouncer_stats_totals_sql_transactions_pooled_total pgbouncer_up pgbouncer_used_clients
            pgbouncer_used_servers pgbouncer_users pgbouncer_version_info
            """.split { $0.isWhitespace }.map(String.init)
        let names = Builtin.collectors.filter { $0.kind == .pgbouncer }.flatMap(\.metrics).map(\.name)
        // Of the same meaning, type and label there: the version.
        #expect(Set(names).intersection(theirs) == ["pgbouncer_version_info"])
    }
}
