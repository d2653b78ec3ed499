SELECT slot, ts_ns, active, retained_bytes FROM slot_sample ORDER BY ts_ns
