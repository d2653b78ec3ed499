-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-hot-function"
version = 1
title = "One function takes the processor"
headline = "{frame}{how} takes {share_pct} of the processor time"
severity = "info"
needs = ["profile"]
rung = 6
summary = "In {profile} ({samples} samples), {frame} has {self_pct} of the processor time by itself and {total_pct} with what it calls. Making it twice as fast gains at most {half_pct}."
cause = "A hot path: costly work, or cheap work repeated."
checks = [
  "Is the service bound by the processor at all? A wait does not show in this kind of profile.",
  "Who calls it: one caller or many? Open the function with its callers and callees.",
  "Is the same work done again and again, so that a cache by content would help?",
]
fix = """
1. Use a native or better library for it.
2. Keep results by a hash of the content.
3. Take the work out of the request.
4. Use a better algorithm."""
proof = "Its share in a profile taken afterwards, and the processor time per request."
risk = "None: nothing is changed yet. Compare P99 after the change and take it back when it rises."
refuse = "Advice on code by intuition, without a profile."
quiet = "Fewer than 1,000 samples, idle and garbage collection frames, password hashing, where stacks begin."
related = ["profile-diff", "profile-serialization", "profile-quality"]

[thresholds]
w = { value = 0.10, unit = "share", source = "profiling guides: self above 10 %" }
c = { value = 0.60, unit = "share", source = "incident reports: 60 and 85 % in one function" }
n = { value = 1000, unit = "samples", source = "set here" }
*/
WITH hot AS MATERIALIZED (
  SELECT p.id, p.name, p.source_id, p.start_ns, p.duration_ns, p.sample_count, f.function, f.module, f.self_share,
    f.total_share, f.samples, f.hot_path,
    row_number() OVER (PARTITION BY p.id ORDER BY f.self_share DESC, f.function) AS place
  FROM profile AS p CROSS JOIN function_stat AS f ON f.profile_id = p.id
  WHERE p.kind = 'on_cpu' AND p.sample_count >= :n AND (f.self_share >= :w OR f.hot_path = 1 AND f.total_share >= :c
      -- A server's own dispatch holds every request: that says nothing about the application.
      AND f.function NOT LIKE 'net/http.%' AND f.function NOT LIKE 'runtime.%' AND f.function NOT LIKE 'java.%'
      AND f.function NOT LIKE 'javax.%' AND f.function NOT LIKE 'jdk.%' AND f.function NOT LIKE 'sun.%'
      AND f.function NOT LIKE 'org.apache.%' AND f.function NOT LIKE 'org.springframework.%'
      AND f.function NOT LIKE 'io.netty.%' AND f.function NOT LIKE 'std::%' AND f.function NOT LIKE 'node:%')
    -- Samples counted once more in another unit are the same samples.
    AND NOT EXISTS (SELECT 1 FROM profile AS q WHERE q.source_id = p.source_id AND q.id < p.id AND q.kind = p.kind
      AND q.unit <> p.unit AND q.sample_count = p.sample_count)
    AND coalesce(f.category, '') NOT IN ('idle', 'gc', 'password_hash')
    AND lower(f.function) NOT IN ('main', '_start', 'start', '__libc_start_main', '__libc_start_call_main',
      'start_thread', 'clone', '__clone', 'clone3', 'runtime.main', 'runtime.goexit', 'runtime.mstart', '(root)',
      '(program)', '[unknown]', '<module>', '<main>', 'java.lang.thread.run', 'thread.run', 'thread::call_run',
      'javathread::run')
)
SELECT CASE WHEN h.self_share >= :c OR h.hot_path = 1 AND h.total_share >= :c THEN 'warning' ELSE 'info' END
    AS severity,
  'function' AS subject_kind, h.function AS subject_id, h.start_ns, h.start_ns + h.duration_ns AS end_ns,
  NULL AS gain_ms,
  h.function AS frame, h.module, h.name AS profile, h.id AS profile_id, h.sample_count AS samples,
  100.0 * h.self_share AS self_pct, 100.0 * h.total_share AS total_pct, 50.0 * h.total_share AS half_pct,
  100.0 * CASE WHEN h.self_share >= :w THEN h.self_share ELSE h.total_share END AS share_pct,
  CASE WHEN h.self_share >= :w THEN '' ELSE ' with what it calls' END AS how
FROM hot AS h
WHERE h.place <= 5
ORDER BY h.self_share DESC, h.function
