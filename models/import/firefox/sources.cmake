# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/firefox.cpp ${CMAKE_CURRENT_LIST_DIR}/firefox.h
  ${CMAKE_CURRENT_LIST_DIR}/firefoxmarkers.cpp
  ${CMAKE_CURRENT_LIST_DIR}/firefoxreader.cpp ${CMAKE_CURRENT_LIST_DIR}/firefoxreader.h
  ${CMAKE_CURRENT_LIST_DIR}/firefoxrows.cpp ${CMAKE_CURRENT_LIST_DIR}/firefoxrows.h
  ${CMAKE_CURRENT_LIST_DIR}/firefoxstacks.cpp ${CMAKE_CURRENT_LIST_DIR}/firefoxstacks.h
  ${CMAKE_CURRENT_LIST_DIR}/firefoxtable.cpp ${CMAKE_CURRENT_LIST_DIR}/firefoxtable.h)
