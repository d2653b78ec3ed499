-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: load tests.

-- run_phase, continued; columns as in the view.
ALTER TABLE run_phase_raw ADD COLUMN kind TEXT;
ALTER TABLE run_phase_raw ADD COLUMN mean_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN p90_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN min_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN extra TEXT;
