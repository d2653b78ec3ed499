# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/legacycpu.cpp ${CMAKE_CURRENT_LIST_DIR}/legacycpu.h
  ${CMAKE_CURRENT_LIST_DIR}/legacystacks.cpp ${CMAKE_CURRENT_LIST_DIR}/legacystacks.h
  ${CMAKE_CURRENT_LIST_DIR}/legacytext.cpp ${CMAKE_CURRENT_LIST_DIR}/legacytext.h
  ${CMAKE_CURRENT_LIST_DIR}/pproflegacy.cpp ${CMAKE_CURRENT_LIST_DIR}/pproflegacy.h)
