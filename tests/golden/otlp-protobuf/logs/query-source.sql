-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT kind, clock, rows_read, rows_skipped FROM source ORDER BY id
