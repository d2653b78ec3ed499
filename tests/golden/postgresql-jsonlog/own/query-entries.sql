SELECT kind, severity, sqlstate, user, db, application, duration_ms, pattern, count(*) AS n FROM log_entry
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
