SELECT node, node_type, source_line, round(wall_ms, 3) AS wall_ms, round(self_ms, 3) AS self_ms, doubt_ms, self_shared_hit, extra FROM plan_node ORDER BY node
