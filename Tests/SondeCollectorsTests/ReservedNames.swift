/// The families of postgres_exporter 0.20, all of its collectors switched on: name, type and labels.
///
/// Beside these it has one family per setting, `pg_settings_<setting>[_seconds|_bytes]`, none of which carries a label.
enum ReservedNames {
    /// A family of postgres_exporter.
    struct Family {
        let type: String
        let labels: Set<String>
    }

    /// The families by name.
    static let families: [String: Family] = {
        var families: [String: Family] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let labels = words.count > 2 ? words[2].split(separator: ",").map(String.init) : []
            families[String(words[0])] = Family(type: String(words[1]), labels: Set(labels))
        }
        return families
    }()

    private static let text = """
        pg_buffercache_summary_buffers_dirty gauge
        pg_buffercache_summary_buffers_pinned gauge
        pg_buffercache_summary_buffers_unused gauge
        pg_buffercache_summary_buffers_used gauge
        pg_buffercache_summary_usagecount_avg gauge
        pg_database_connection_limit gauge datname
        pg_database_size_bytes gauge datname
        pg_database_wraparound_age_datfrozenxid_seconds gauge datname
        pg_database_wraparound_age_datminmxid_seconds gauge datname
        pg_exporter_last_scrape_duration_seconds gauge
        pg_exporter_last_scrape_error gauge
        pg_exporter_scrapes_total counter
        pg_exporter_user_queries_load_error gauge filename,hashsum
        pg_locks_count gauge datname,mode
        pg_long_running_transactions gauge
        pg_long_running_transactions_oldest_timestamp_seconds gauge
        pg_postmaster_start_time_seconds gauge
        pg_process_idle_seconds histogram application_name,state
        pg_replication_is_replica gauge
        pg_replication_lag_seconds gauge
        pg_replication_last_replay_seconds gauge
        pg_replication_slots_active gauge database,slot_name
        pg_replication_slots_pg_wal_lsn_diff gauge database,slot_name
        pg_replication_slots_pg_xlog_location_diff untyped database,slot_name
        pg_replication_slots_safe_wal_size_bytes gauge slot_name,slot_type
        pg_replication_slots_slot_confirmed_flush_lsn gauge slot_name,slot_type
        pg_replication_slots_slot_current_wal_lsn gauge slot_name,slot_type
        pg_replication_slots_slot_is_active gauge slot_name,slot_type
        pg_replication_slots_wal_status gauge slot_name,slot_type,wal_status
        pg_roles_connection_limit gauge rolname
        pg_scrape_collector_duration_seconds gauge collector
        pg_scrape_collector_success gauge collector
        pg_stat_activity_autovacuum_timestamp_seconds gauge relname
        pg_stat_activity_count gauge application_name,backend_type,datname,state,usename,wait_event,wait_event_type
        pg_stat_activity_max_tx_duration gauge application_name,backend_type,datname,state,usename,wait_event,\
        wait_event_type
        pg_stat_archiver_archived_count counter
        pg_stat_archiver_failed_count counter
        pg_stat_archiver_last_archive_age gauge
        pg_stat_bgwriter_buffers_alloc_total counter
        pg_stat_bgwriter_buffers_backend_fsync_total counter
        pg_stat_bgwriter_buffers_backend_total counter
        pg_stat_bgwriter_buffers_checkpoint_total counter
        pg_stat_bgwriter_buffers_clean_total counter
        pg_stat_bgwriter_checkpoint_sync_time_total counter
        pg_stat_bgwriter_checkpoint_write_time_total counter
        pg_stat_bgwriter_checkpoints_req_total counter
        pg_stat_bgwriter_checkpoints_timed_total counter
        pg_stat_bgwriter_maxwritten_clean_total counter
        pg_stat_bgwriter_stats_reset_total counter
        pg_stat_checkpointer_buffers_written_total counter
        pg_stat_checkpointer_num_requested_total counter
        pg_stat_checkpointer_num_timed_total counter
        pg_stat_checkpointer_restartpoints_done_total counter
        pg_stat_checkpointer_restartpoints_req_total counter
        pg_stat_checkpointer_restartpoints_timed_total counter
        pg_stat_checkpointer_stats_reset_total counter
        pg_stat_checkpointer_sync_time_total counter
        pg_stat_checkpointer_write_time_total counter
        pg_stat_database_active_time_seconds_total counter datid,datname
        pg_stat_database_blk_read_time counter datid,datname
        pg_stat_database_blk_write_time counter datid,datname
        pg_stat_database_blks_hit counter datid,datname
        pg_stat_database_blks_read counter datid,datname
        pg_stat_database_conflicts counter datid,datname
        pg_stat_database_conflicts_confl_active_logicalslot untyped datid,datname,server
        pg_stat_database_conflicts_confl_bufferpin counter datid,datname,server
        pg_stat_database_conflicts_confl_deadlock counter datid,datname,server
        pg_stat_database_conflicts_confl_lock counter datid,datname,server
        pg_stat_database_conflicts_confl_snapshot counter datid,datname,server
        pg_stat_database_conflicts_confl_tablespace counter datid,datname,server
        pg_stat_database_deadlocks counter datid,datname
        pg_stat_database_numbackends gauge datid,datname
        pg_stat_database_stats_reset counter datid,datname
        pg_stat_database_temp_bytes counter datid,datname
        pg_stat_database_temp_files counter datid,datname
        pg_stat_database_tup_deleted counter datid,datname
        pg_stat_database_tup_fetched counter datid,datname
        pg_stat_database_tup_inserted counter datid,datname
        pg_stat_database_tup_returned counter datid,datname
        pg_stat_database_tup_updated counter datid,datname
        pg_stat_database_xact_commit counter datid,datname
        pg_stat_database_xact_rollback counter datid,datname
        pg_stat_progress_vacuum_heap_blks gauge datname,relname
        pg_stat_progress_vacuum_heap_blks_scanned gauge datname,relname
        pg_stat_progress_vacuum_heap_blks_vacuumed gauge datname,relname
        pg_stat_progress_vacuum_index_vacuums gauge datname,relname
        pg_stat_progress_vacuum_max_dead_tuples gauge datname,relname
        pg_stat_progress_vacuum_num_dead_tuples gauge datname,relname
        pg_stat_progress_vacuum_phase gauge datname,phase,relname
        pg_stat_replication_pg_current_wal_lsn_bytes gauge application_name,client_addr,pid,slot_name,state
        pg_stat_replication_pg_wal_lsn_diff gauge application_name,client_addr,pid,slot_name,state
        pg_stat_replication_pg_xlog_location_diff gauge application_name,client_addr,pid,slot_name,state
        pg_stat_statements_block_read_seconds_total counter datname,queryid,user
        pg_stat_statements_block_write_seconds_total counter datname,queryid,user
        pg_stat_statements_calls_total counter datname,queryid,user
        pg_stat_statements_query_id counter query,queryid
        pg_stat_statements_rows_total counter datname,queryid,user
        pg_stat_statements_seconds_total counter datname,queryid,user
        pg_stat_user_tables_analyze_count counter datname,relname,schemaname
        pg_stat_user_tables_autoanalyze_count counter datname,relname,schemaname
        pg_stat_user_tables_autovacuum_count counter datname,relname,schemaname
        pg_stat_user_tables_idx_scan counter datname,relname,schemaname
        pg_stat_user_tables_idx_tup_fetch counter datname,relname,schemaname
        pg_stat_user_tables_index_size_bytes gauge datname,relname,schemaname
        pg_stat_user_tables_last_analyze gauge datname,relname,schemaname
        pg_stat_user_tables_last_autoanalyze gauge datname,relname,schemaname
        pg_stat_user_tables_last_autovacuum gauge datname,relname,schemaname
        pg_stat_user_tables_last_vacuum gauge datname,relname,schemaname
        pg_stat_user_tables_n_dead_tup gauge datname,relname,schemaname
        pg_stat_user_tables_n_live_tup gauge datname,relname,schemaname
        pg_stat_user_tables_n_mod_since_analyze gauge datname,relname,schemaname
        pg_stat_user_tables_n_tup_del counter datname,relname,schemaname
        pg_stat_user_tables_n_tup_hot_upd counter datname,relname,schemaname
        pg_stat_user_tables_n_tup_ins counter datname,relname,schemaname
        pg_stat_user_tables_n_tup_upd counter datname,relname,schemaname
        pg_stat_user_tables_seq_scan counter datname,relname,schemaname
        pg_stat_user_tables_seq_tup_read counter datname,relname,schemaname
        pg_stat_user_tables_table_size_bytes gauge datname,relname,schemaname
        pg_stat_user_tables_vacuum_count counter datname,relname,schemaname
        pg_stat_wal_receiver_flushed_lsn counter slot_name,status,upstream_host
        pg_stat_wal_receiver_last_msg_receipt_time counter slot_name,status,upstream_host
        pg_stat_wal_receiver_last_msg_send_time counter slot_name,status,upstream_host
        pg_stat_wal_receiver_latest_end_lsn counter slot_name,status,upstream_host
        pg_stat_wal_receiver_latest_end_time counter slot_name,status,upstream_host
        pg_stat_wal_receiver_receive_start_lsn counter slot_name,status,upstream_host
        pg_stat_wal_receiver_receive_start_tli gauge slot_name,status,upstream_host
        pg_stat_wal_receiver_received_tli gauge slot_name,status,upstream_host
        pg_stat_wal_receiver_upstream_node gauge slot_name,status,upstream_host
        pg_static untyped server,short_version,version
        pg_statio_user_indexes_idx_blks_hit_total counter indexrelname,relname,schemaname
        pg_statio_user_indexes_idx_blks_read_total counter indexrelname,relname,schemaname
        pg_statio_user_tables_heap_blocks_hit counter datname,relname,schemaname
        pg_statio_user_tables_heap_blocks_read counter datname,relname,schemaname
        pg_statio_user_tables_idx_blocks_hit counter datname,relname,schemaname
        pg_statio_user_tables_idx_blocks_read counter datname,relname,schemaname
        pg_statio_user_tables_tidx_blocks_hit counter datname,relname,schemaname
        pg_statio_user_tables_tidx_blocks_read counter datname,relname,schemaname
        pg_statio_user_tables_toast_blocks_hit counter datname,relname,schemaname
        pg_statio_user_tables_toast_blocks_read counter datname,relname,schemaname
        pg_up gauge
        pg_wal_segments gauge
        pg_wal_size_bytes gauge
        pg_xlog_location_bytes gauge
        postgres_exporter_build_info gauge branch,goarch,goos,goversion,revision,tags,version
        postgres_exporter_config_last_reload_success_timestamp_seconds gauge
        postgres_exporter_config_last_reload_successful gauge
        """
}
