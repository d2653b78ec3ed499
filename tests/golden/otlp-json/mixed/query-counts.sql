-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT (SELECT count(*) FROM span) AS spans, (SELECT count(*) FROM log_entry) AS lines, (SELECT count(*) FROM trace) AS traces, (SELECT kind FROM source) AS kind
