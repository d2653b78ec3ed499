# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/cprofile.cpp ${CMAKE_CURRENT_LIST_DIR}/cprofile.h
  ${CMAKE_CURRENT_LIST_DIR}/cprofileline.cpp ${CMAKE_CURRENT_LIST_DIR}/cprofileline.h
  ${CMAKE_CURRENT_LIST_DIR}/cprofilereader.cpp ${CMAKE_CURRENT_LIST_DIR}/cprofilereader.h)
