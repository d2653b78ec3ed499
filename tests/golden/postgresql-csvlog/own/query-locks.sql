SELECT 'edge' AS what, ts_ns, blocked_pid AS pid, blocker_pid AS other_pid, lock_type, mode, relation, waited_ms, NULL AS text FROM lock_edge
UNION ALL SELECT 'deadlock ' || deadlock || '.' || position, ts_ns, pid, waits_for_pid, lock_type, mode, relation, NULL,
  waits_for || ': ' || query_text FROM deadlock_member ORDER BY 2, 1, 3
