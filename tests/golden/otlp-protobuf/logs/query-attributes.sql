-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT log_id, scope, key, value FROM log_attribute ORDER BY log_id, scope, key
