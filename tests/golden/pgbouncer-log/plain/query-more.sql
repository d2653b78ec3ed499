SELECT 'event' AS what, kind AS name, title AS value FROM event
UNION ALL SELECT 'reject', kind, CAST(bytes AS TEXT) FROM import_reject
UNION ALL SELECT 'series', metric, (SELECT count(*) FROM point WHERE series_id = s.id) FROM series AS s ORDER BY 1, 2, 3
