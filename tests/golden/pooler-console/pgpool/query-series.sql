SELECT s.metric, s.labels, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id ORDER BY s.labels
