# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_analysis PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/plantime.cpp ${CMAKE_CURRENT_LIST_DIR}/plantimederive.cpp
  ${CMAKE_CURRENT_LIST_DIR}/plantimeshare.cpp ${CMAKE_CURRENT_LIST_DIR}/plantimeshare.h)
