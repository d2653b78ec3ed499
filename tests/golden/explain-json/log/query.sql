SELECT p.query_text, p.duration_ms, p.execution_ms, p.total_cost, p.extra, s.format FROM plan AS p JOIN source AS s ON s.id = p.source_id ORDER BY p.id
