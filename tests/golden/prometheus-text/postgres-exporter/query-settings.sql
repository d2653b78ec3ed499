SELECT v.name AS server, s.name, s.setting, s.unit, s.ts_ns FROM setting AS s JOIN server AS v ON v.id = s.server_id ORDER BY s.name
