SELECT s.timezone, s.clock, p.ts_ns, datetime(p.ts_ns / 1000000000, 'unixepoch') AS utc, p.value
FROM point AS p JOIN series AS e ON e.id = p.series_id JOIN source AS s ON s.id = e.source_id ORDER BY p.value
