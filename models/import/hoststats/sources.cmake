# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/cgroupstat.cpp ${CMAKE_CURRENT_LIST_DIR}/hoststats.h
  ${CMAKE_CURRENT_LIST_DIR}/hostnames.cpp ${CMAKE_CURRENT_LIST_DIR}/hostnames.h
  ${CMAKE_CURRENT_LIST_DIR}/hosttable.cpp ${CMAKE_CURRENT_LIST_DIR}/hosttable.h
  ${CMAKE_CURRENT_LIST_DIR}/sysstat.cpp ${CMAKE_CURRENT_LIST_DIR}/vmstat.cpp)
