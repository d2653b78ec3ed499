# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/pprof.cpp ${CMAKE_CURRENT_LIST_DIR}/pprof.h
  ${CMAKE_CURRENT_LIST_DIR}/pprofemit.cpp ${CMAKE_CURRENT_LIST_DIR}/pprofemit.h
  ${CMAKE_CURRENT_LIST_DIR}/pprofreader.cpp ${CMAKE_CURRENT_LIST_DIR}/pprofreader.h
  ${CMAKE_CURRENT_LIST_DIR}/pproftables.cpp ${CMAKE_CURRENT_LIST_DIR}/pproftables.h)
