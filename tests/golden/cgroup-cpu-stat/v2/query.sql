SELECT s.metric, s.labels, s.unit, s.kind, s.instance, count(*) AS n, min(p.ts_ns) AS first_ns, max(p.ts_ns) AS last_ns, min(p.value) AS low, max(p.value) AS high
FROM series AS s JOIN point AS p ON p.series_id = s.id GROUP BY s.id ORDER BY s.metric, s.labels
