-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT 'issue' AS what, kind, count, first_offset AS place FROM import_issue
UNION ALL SELECT 'reject', kind, length, offset FROM import_reject ORDER BY what, kind, place
