# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/gitlog.cpp ${CMAKE_CURRENT_LIST_DIR}/gitlog.h)
