# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
include(${CMAKE_CURRENT_LIST_DIR}/../common/jsonrecords.cmake)
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/pgstatstatements.cpp ${CMAKE_CURRENT_LIST_DIR}/pgstatstatements.h
  ${CMAKE_CURRENT_LIST_DIR}/statementreader.cpp ${CMAKE_CURRENT_LIST_DIR}/statementreader.h
  ${CMAKE_CURRENT_LIST_DIR}/statementrow.cpp ${CMAKE_CURRENT_LIST_DIR}/statementrow.h
  ${CMAKE_CURRENT_LIST_DIR}/statementrows.cpp ${CMAKE_CURRENT_LIST_DIR}/statementrows.h)
