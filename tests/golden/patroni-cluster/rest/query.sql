SELECT v.name AS cluster, strftime('%H:%M:%S', r.ts_ns / 1000000000, 'unixepoch') AS at, r.replica, r.client, r.state,
  r.sync_state, r.timeline, r.receive_position, r.replay_position, r.unreplayed_bytes
  FROM replica_sample AS r JOIN server AS v ON v.id = r.server_id ORDER BY r.ts_ns, r.replica
