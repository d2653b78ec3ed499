-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT offset, length, kind, reason FROM import_reject ORDER BY offset
