# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/hikariline.cpp ${CMAKE_CURRENT_LIST_DIR}/hikariline.h
  ${CMAKE_CURRENT_LIST_DIR}/hikarilog.cpp ${CMAKE_CURRENT_LIST_DIR}/pgbouncerlog.cpp
  ${CMAKE_CURRENT_LIST_DIR}/poollog.h)
