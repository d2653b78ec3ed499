-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: budgets against what was measured.

-- budget and budget_component, continued; columns as in the views. Components carry the source of their budget, so
-- that they are removed with it.
ALTER TABLE budget_raw ADD COLUMN description TEXT;
ALTER TABLE budget_raw ADD COLUMN match TEXT;
ALTER TABLE budget_raw ADD COLUMN error_limit REAL;
ALTER TABLE budget_raw ADD COLUMN min_samples INTEGER;
ALTER TABLE budget_component_raw ADD COLUMN source_id INTEGER;
ALTER TABLE budget_component_raw ADD COLUMN kind TEXT;
ALTER TABLE budget_component_raw ADD COLUMN calls REAL;
ALTER TABLE budget_component_raw ADD COLUMN call_ms REAL;
ALTER TABLE budget_component_raw ADD COLUMN optional INTEGER;

-- What was measured against each budget. run_id; budget_id; name, kind: of the component; p50_ms, p95_ms, p99_ms;
-- budget_ms: what it may take; example_trace_id: the trace in which it takes longest, NULL = none. part: total (the request), component, unaccounted (time of the request in no
-- component), phase (of a load test). position: of the component, else -1 (total), after the components. basis: spans,
-- series, load_test, NULL = nothing measured. n: requests, points or requests of the phase. percentile figures in ms:
-- nearest rank over the requests in which it occurs; value_ms: at the percentile of the budget. path_p50_ms: of its time
-- on the critical path. off_path: share of those requests in which none of its time is on the critical path. share: of
-- the time of the requests. slack_ms: how much longer it may take before the parallel group takes longer, NULL = in none.
-- floor_ms: the least it can take as the budget says; for the total the floor of the sequential whole. timeout_ms: from
-- the budget, else from config; timeout_from: budget, config. over_timeout: requests past it. error_rate: 0..1.
-- state: ok, warning (>= 80 % of the budget), over, unmeasured. timeout_state: ok, missing, zero, library_default,
-- below_budget, below_p99, over_target, loose, NULL = does not apply.
CREATE TABLE budget_result (
  run_id INTEGER NOT NULL, budget_id INTEGER, position INTEGER, part TEXT, name TEXT, kind TEXT, basis TEXT, n INTEGER,
  p50_ms REAL, p95_ms REAL, p99_ms REAL, value_ms REAL, path_p50_ms REAL, off_path REAL, share REAL, budget_ms REAL,
  slack_ms REAL, floor_ms REAL, timeout_ms REAL, timeout_from TEXT, over_timeout INTEGER, error_rate REAL, state TEXT,
  timeout_state TEXT, example_trace_id INTEGER);
CREATE INDEX budget_result_budget ON budget_result (budget_id, position);

-- The sums of a budget side by side, in ms. run_id; budget_id; headroom: what is kept free by name; basis: planned (from its component budgets), p50, p95, p99, value (from what
-- was measured at that percentile; percentiles of parts do not add up to that of the whole). plain_sum: of all
-- components that are waited for; path: those of a parallel group counted once, at the slowest; with_headroom: path and
-- what is kept free; target_ms; working_ms: target less margin.
CREATE TABLE budget_sum (
  run_id INTEGER NOT NULL, budget_id INTEGER, basis TEXT, plain_sum REAL, path REAL, headroom REAL, with_headroom REAL,
  target_ms REAL, working_ms REAL);
