SELECT p.name, p.sample_type, f.function, c.depth, c.self_weight, c.total_weight
FROM call_node AS c JOIN profile AS p ON p.id = c.profile_id JOIN frame AS f ON f.id = c.frame_id
ORDER BY p.name, c.id
