SELECT budget_id, position, parallel_group, name, match, budget_ms, timeout_ms, kind, calls, call_ms, optional
FROM budget_component ORDER BY budget_id, position
