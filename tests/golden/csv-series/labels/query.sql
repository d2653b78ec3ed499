SELECT s.metric, s.service, s.instance, s.role, s.labels, s.kind, p.ts_ns, p.value
FROM series AS s LEFT JOIN point AS p ON p.series_id = s.id ORDER BY s.metric, s.labels, p.ts_ns
