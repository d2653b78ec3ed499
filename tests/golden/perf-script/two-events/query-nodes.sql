SELECT r.name AS profile, c.depth, f.function, f.module, c.self_weight, c.total_weight, c.sample_count
FROM call_node AS c JOIN frame AS f ON f.id = c.frame_id JOIN profile AS r ON r.id = c.profile_id ORDER BY c.id
