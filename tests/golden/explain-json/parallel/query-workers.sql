SELECT n.node, w.worker, w.total_ms, w.rows, w.loops, w.extra FROM plan_worker AS w JOIN plan_node AS n ON n.id = w.plan_node_id
ORDER BY n.node, w.worker
