-- What fleet accounting does with it: connections wanted of a server against those that it gives.
SELECT t.value AS server, sum(p.value * i.value * ifnull(w.value, 1)) AS wanted, m.value - r.value AS usable
  FROM config AS p
  JOIN config AS t ON t.subject_kind = 'pool' AND t.subject = p.subject AND t.parent = p.parent AND t."key" = 'target'
  JOIN config AS i ON i.subject_kind = 'service' AND i.subject = p.parent AND i."key" = 'instances'
  LEFT JOIN config AS w ON w.subject_kind = 'service' AND w.subject = p.parent AND w."key" = 'workers'
  JOIN config AS m ON m.subject_kind = 'server' AND m.subject = t.value AND m."key" = 'max_connections'
  JOIN config AS r ON r.subject_kind = 'server' AND r.subject = t.value AND r."key" = 'reserved'
  WHERE p.subject_kind = 'pool' AND p."key" = 'size' GROUP BY t.value ORDER BY t.value
