SELECT strftime('%H:%M:%f', ts_ns / 1000000000.0, 'unixepoch') AS at, replica, client, state, sync_state, current_position,
  sent_position, write_position, flush_position, receive_position, replay_position, unsent_bytes, unwritten_bytes,
  unflushed_bytes, unreplayed_bytes, round(write_lag_ms, 3) AS write_lag, round(flush_lag_ms, 3) AS flush_lag,
  round(replay_lag_ms, 3) AS replay_lag, round(link_age_ms, 1) AS link_age, round(replay_age_ms, 1) AS replay_age, paused,
  timeline FROM replica_sample ORDER BY ts_ns
