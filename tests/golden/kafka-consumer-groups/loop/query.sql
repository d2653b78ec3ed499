SELECT strftime('%H:%M:%S', ts_ns / 1000000000, 'unixepoch') AS at, consumer_group, queue, "partition", depth, position,
  end_position, members, assigned FROM queue_sample ORDER BY ts_ns, consumer_group, "partition"
