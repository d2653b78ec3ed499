SELECT replica, state, sync_state, unreplayed_bytes, replay_lag_ms FROM replica_sample ORDER BY replica
