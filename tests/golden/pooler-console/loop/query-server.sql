SELECT s.kind, s.name, s.host, s.port, s.server_version, t.name AS setting, t.setting AS value, t.unit, t.boot_val
  FROM server AS s JOIN setting AS t ON t.server_id = s.id ORDER BY t.name
