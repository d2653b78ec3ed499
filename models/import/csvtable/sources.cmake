# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/columnmap.cpp ${CMAKE_CURRENT_LIST_DIR}/columnmap.h
  ${CMAKE_CURRENT_LIST_DIR}/columnmaps.cpp ${CMAKE_CURRENT_LIST_DIR}/columnmaps.h
  ${CMAKE_CURRENT_LIST_DIR}/csvtable.cpp ${CMAKE_CURRENT_LIST_DIR}/csvtable.h
  ${CMAKE_CURRENT_LIST_DIR}/csvtablereader.cpp ${CMAKE_CURRENT_LIST_DIR}/csvtablereader.h
  ${CMAKE_CURRENT_LIST_DIR}/tablepreview.cpp ${CMAKE_CURRENT_LIST_DIR}/tablepreview.h)
