SELECT s.metric, s.kind, s.unit, s.labels, count(*) AS points, min(p.value) AS low, max(p.value) AS high
  FROM series AS s JOIN point AS p ON p.series_id = s.id GROUP BY s.id ORDER BY s.metric
