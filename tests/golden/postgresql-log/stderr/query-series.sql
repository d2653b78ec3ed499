SELECT metric, labels, unit, ts_ns, value FROM series AS s JOIN point AS p ON p.series_id = s.id ORDER BY 1, 2, 4
