SELECT s.kind, s.name, r.replica, r.ts_ns, r.state, r.current_position, r.replay_position, r.link_age_ms
FROM replica_sample AS r JOIN server AS s ON s.id = r.server_id ORDER BY r.ts_ns
