SELECT s.format, s.kind, s.state, s.clock, s.rows_read, s.rows_skipped, s.sha256, s.bytes, p.name, p.sample_type, p.unit,
  p.sample_count, p.total_weight
FROM source AS s JOIN profile AS p ON p.source_id = s.id
