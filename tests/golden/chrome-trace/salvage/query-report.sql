-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT severity, kind, count, first_offset, example FROM import_issue ORDER BY severity, kind
