# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/collapsed.cpp ${CMAKE_CURRENT_LIST_DIR}/collapsed.h
  ${CMAKE_CURRENT_LIST_DIR}/collapsedreader.cpp ${CMAKE_CURRENT_LIST_DIR}/collapsedreader.h
  ${CMAKE_CURRENT_LIST_DIR}/stackline.cpp ${CMAKE_CURRENT_LIST_DIR}/stackline.h)
