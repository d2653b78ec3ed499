SELECT s.metric, s.labels, h.ts_ns, h.upper_bound, h.count FROM histogram_point AS h JOIN series AS s ON s.id = h.series_id
ORDER BY s.metric, s.labels, h.ts_ns, h.upper_bound
