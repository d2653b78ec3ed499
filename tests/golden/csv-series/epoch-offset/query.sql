SELECT o.offset_ns, o.offset_method, s.metric, s.unit, s.kind, p.ts_ns, p.value
FROM point AS p JOIN series AS s ON s.id = p.series_id JOIN source AS o ON o.id = s.source_id ORDER BY p.ts_ns
