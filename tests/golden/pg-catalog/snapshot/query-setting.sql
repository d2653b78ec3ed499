SELECT name, setting, unit, context, vartype, source, pending_restart FROM setting ORDER BY name
