# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/grafanacsv.cpp ${CMAKE_CURRENT_LIST_DIR}/grafanacsv.h
  ${CMAKE_CURRENT_LIST_DIR}/grafanacell.cpp ${CMAKE_CURRENT_LIST_DIR}/grafanacell.h)
