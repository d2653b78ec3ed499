# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/har.cpp ${CMAKE_CURRENT_LIST_DIR}/har.h
  ${CMAKE_CURRENT_LIST_DIR}/harentry.cpp ${CMAKE_CURRENT_LIST_DIR}/harentry.h
  ${CMAKE_CURRENT_LIST_DIR}/harreader.cpp ${CMAKE_CURRENT_LIST_DIR}/harreader.h
  ${CMAKE_CURRENT_LIST_DIR}/harrows.cpp ${CMAKE_CURRENT_LIST_DIR}/harrows.h)
