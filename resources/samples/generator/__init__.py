# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One module a demo folder; each offers files() -> {name: bytes}."""
