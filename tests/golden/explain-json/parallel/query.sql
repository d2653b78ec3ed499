SELECT node, parent, node_type, parent_relationship, subplan_name, relation, actual_rows, loops, round(wall_ms, 3) AS wall_ms,
  round(self_ms, 3) AS self_ms, doubt_ms, extra FROM plan_node ORDER BY plan_id, node
