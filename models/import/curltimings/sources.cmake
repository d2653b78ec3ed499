# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
include(${CMAKE_CURRENT_LIST_DIR}/../common/jsonrecords.cmake)
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/curlreader.cpp ${CMAKE_CURRENT_LIST_DIR}/curlreader.h
  ${CMAKE_CURRENT_LIST_DIR}/curlrows.cpp ${CMAKE_CURRENT_LIST_DIR}/curlrows.h
  ${CMAKE_CURRENT_LIST_DIR}/curltimings.cpp ${CMAKE_CURRENT_LIST_DIR}/curltimings.h)
