SELECT node, node_type, source_line FROM plan_node ORDER BY node
