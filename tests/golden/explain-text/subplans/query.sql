SELECT node, parent, node_type, subplan_name AS subplan, relation, loops, actual_rows, round(wall_ms, 3) AS wall_ms,
  round(self_ms, 3) AS self_ms, round(doubt_ms, 4) AS doubt_ms FROM plan_node ORDER BY plan_id, node
