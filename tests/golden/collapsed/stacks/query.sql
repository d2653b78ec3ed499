SELECT c.depth, p.function AS parent, f.function, f.module, c.self_weight, c.total_weight, c.sample_count
FROM call_node AS c JOIN frame AS f ON f.id = c.frame_id
LEFT JOIN call_node AS pc ON pc.id = c.parent_id LEFT JOIN frame AS p ON p.id = pc.frame_id
ORDER BY c.id
