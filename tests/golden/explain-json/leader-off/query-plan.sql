SELECT execution_ms, extra FROM plan ORDER BY id
