SELECT 'session' AS what, state, wait_event_type, application, count(*) AS n, count(statement_id) AS texts FROM session_sample GROUP BY 2, 3, 4
UNION ALL SELECT 'lock', lock_type, mode, CAST(blocked_pid AS TEXT) || ' waits for ' || blocker_pid, 1, waited_ms > 0 FROM lock_edge
UNION ALL SELECT 'replica', state, sync_state, replica, unreplayed_bytes, replay_lag_ms FROM replica_sample
UNION ALL SELECT 'slot', kind, wal_status, slot, active, retained_bytes FROM slot_sample
ORDER BY 1, 2, 3, 4
