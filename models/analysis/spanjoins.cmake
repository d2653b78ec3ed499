# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/joinkeys.toml)
file(READ joinkeys.toml TS_JOINKEYS_TOML)
configure_file(embeddedjoinkeys.h.in ${CMAKE_CURRENT_BINARY_DIR}/generated/analysis/embeddedjoinkeys.h @ONLY)
target_include_directories(ts_analysis PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
target_sources(ts_analysis PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/joinkeys.cpp ${CMAKE_CURRENT_LIST_DIR}/joinkeys.h
  ${CMAKE_CURRENT_LIST_DIR}/joinscan.cpp ${CMAKE_CURRENT_LIST_DIR}/joinscan.h
  ${CMAKE_CURRENT_LIST_DIR}/spanjoins.cpp ${CMAKE_CURRENT_LIST_DIR}/spanjoins.h)
