-- The formulas that the samples are for: time of service, mean wait, demand (four servers of 0.2 s each: 20/s).
SELECT round((max(busy_total_ms) - min(busy_total_ms) - max(wait_total_ms) + min(wait_total_ms))
  / (max(acquired) - min(acquired)), 1) AS service_ms,
  round((max(wait_total_ms) - min(wait_total_ms)) / (max(acquired) - min(acquired)), 1) AS wait_ms,
  max(acquired) - min(acquired) AS transactions
  FROM pool_sample WHERE pool = 'bench/app'
