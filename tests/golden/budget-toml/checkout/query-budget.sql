SELECT source_id, name, target_ms, percentile, margin, description, match, error_limit, min_samples FROM budget ORDER BY id
