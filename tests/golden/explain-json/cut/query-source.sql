SELECT rows_read, rows_skipped FROM source ORDER BY id
