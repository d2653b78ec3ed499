SELECT name, relation, constraint_name, time_ms, calls FROM plan_trigger ORDER BY name
