SELECT name, kind, sample_type, unit, sample_count, total_weight FROM profile ORDER BY id
