# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/csvrecords.cpp ${CMAKE_CURRENT_LIST_DIR}/csvrecords.h
  ${CMAKE_CURRENT_LIST_DIR}/csvseries.cpp ${CMAKE_CURRENT_LIST_DIR}/csvseries.h
  ${CMAKE_CURRENT_LIST_DIR}/csvseriesreader.cpp ${CMAKE_CURRENT_LIST_DIR}/csvseriesreader.h)
