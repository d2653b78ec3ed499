SELECT plan_id, node, parent, depth, node_type, parent_relationship, subplan_name, schema, relation, alias, index_name, condition,
  filter, total_cost, loops, self_ms, source_line, extra FROM plan_node ORDER BY plan_id, node
