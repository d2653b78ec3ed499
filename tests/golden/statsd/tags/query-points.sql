SELECT s.metric, s.foreign_name, s.service, s.instance, s.labels, s.unit, s.kind, p.ts_ns, p.value
FROM series AS s JOIN point AS p ON p.series_id = s.id ORDER BY s.metric, s.labels, p.ts_ns, p.value
