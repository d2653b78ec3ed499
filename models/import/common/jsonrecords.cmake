# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Framing and reading of single JSON records, for the formats that include this file.
include_guard(DIRECTORY)
find_package(simdjson REQUIRED)
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/jsonframer.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonframer.h
  ${CMAKE_CURRENT_LIST_DIR}/jsonkeys.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonkeys.h
  ${CMAKE_CURRENT_LIST_DIR}/jsonrecord.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonrecord.h
  ${CMAKE_CURRENT_LIST_DIR}/jsonwalk.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonwalk.h)
target_link_libraries(ts_import PRIVATE simdjson::simdjson)
