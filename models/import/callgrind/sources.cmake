# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/callgraph.cpp ${CMAKE_CURRENT_LIST_DIR}/callgraph.h
  ${CMAKE_CURRENT_LIST_DIR}/callgrind.cpp ${CMAKE_CURRENT_LIST_DIR}/callgrind.h
  ${CMAKE_CURRENT_LIST_DIR}/callgrindreader.cpp ${CMAKE_CURRENT_LIST_DIR}/callgrindreader.h)
