SELECT s.id, s.format, s.state, s.rows_committed, s.duplicate_of, (SELECT count(*) FROM profile WHERE source_id = s.id) AS profiles
FROM source AS s ORDER BY s.id
