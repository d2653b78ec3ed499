SELECT s.format, s.kind, s.clock, s.timezone, s.rows_read, s.rows_skipped, i.severity, i.kind AS issue, i.count, i.example,
  (SELECT kind || ' ' || ifnull(server_version, '') FROM server) AS server
FROM source AS s LEFT JOIN import_issue AS i ON i.source_id = s.id ORDER BY i.kind
