SELECT s.metric, s.labels, s.kind, p.ts_ns, p.value FROM point AS p JOIN series AS s ON s.id = p.series_id
ORDER BY s.metric, s.labels, p.ts_ns
