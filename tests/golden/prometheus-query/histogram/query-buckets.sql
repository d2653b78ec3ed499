SELECT s.metric, h.ts_ns, h.upper_bound, h.count FROM histogram_point AS h JOIN series AS s ON s.id = h.series_id
WHERE h.ts_ns > (SELECT max(ts_ns) FROM histogram_point) - 3000000000 ORDER BY s.metric, h.ts_ns, h.upper_bound
