SELECT strftime('%H:%M:%S', ts_ns / 1000000000, 'unixepoch') AS at, consumer_group, queue, "partition", depth, in_flight,
  delayed, completed, failed, members, assigned, oldest_age_ms, retention_ms, position, end_position
  FROM queue_sample ORDER BY ts_ns, queue, "partition"
