-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: pools and their verdicts.

-- pool_sample, continued; columns as in the view.
ALTER TABLE pool_sample_raw ADD COLUMN wait_p95_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN clients REAL;
ALTER TABLE pool_sample_raw ADD COLUMN max_clients REAL;
ALTER TABLE pool_sample_raw ADD COLUMN wait_total_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN busy_total_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN busy_includes_wait INTEGER;
ALTER TABLE pool_sample_raw ADD COLUMN extra TEXT;
