SELECT s.metric, s.unit, s.kind, s.labels, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id
WHERE s.metric LIKE 'postgresql.checkpoint%' OR s.metric LIKE 'postgresql.wal%' OR s.metric = 'postgresql.commits' ORDER BY s.metric, s.labels
