# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/speedscope.cpp ${CMAKE_CURRENT_LIST_DIR}/speedscope.h
  ${CMAKE_CURRENT_LIST_DIR}/speedscopeprofile.cpp ${CMAKE_CURRENT_LIST_DIR}/speedscopeprofile.h
  ${CMAKE_CURRENT_LIST_DIR}/speedscopereader.cpp ${CMAKE_CURRENT_LIST_DIR}/speedscopereader.h)
