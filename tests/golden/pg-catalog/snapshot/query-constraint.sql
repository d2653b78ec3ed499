SELECT relname, conname, contype, convalidated, conkey, confkey, confdeltype, constraintdef FROM db_constraint ORDER BY relname, conname
