# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/consoletables.cpp ${CMAKE_CURRENT_LIST_DIR}/consoletables.h
  ${CMAKE_CURRENT_LIST_DIR}/consoletime.cpp ${CMAKE_CURRENT_LIST_DIR}/consoletime.h
  ${CMAKE_CURRENT_LIST_DIR}/hexids.cpp ${CMAKE_CURRENT_LIST_DIR}/hexids.h
  ${CMAKE_CURRENT_LIST_DIR}/jsonpull.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonpull.h
  ${CMAKE_CURRENT_LIST_DIR}/jsonstream.cpp ${CMAKE_CURRENT_LIST_DIR}/jsonstream.h
  ${CMAKE_CURRENT_LIST_DIR}/jsontext.cpp ${CMAKE_CURRENT_LIST_DIR}/jsontext.h
  ${CMAKE_CURRENT_LIST_DIR}/linereader.cpp ${CMAKE_CURRENT_LIST_DIR}/linereader.h
  ${CMAKE_CURRENT_LIST_DIR}/nestedtree.cpp ${CMAKE_CURRENT_LIST_DIR}/nestedtree.h
  ${CMAKE_CURRENT_LIST_DIR}/protowire.cpp ${CMAKE_CURRENT_LIST_DIR}/protowire.h
  ${CMAKE_CURRENT_LIST_DIR}/pullvalue.cpp ${CMAKE_CURRENT_LIST_DIR}/pullvalue.h
  ${CMAKE_CURRENT_LIST_DIR}/stacktrie.cpp ${CMAKE_CURRENT_LIST_DIR}/stacktrie.h
  ${CMAKE_CURRENT_LIST_DIR}/timetext.cpp ${CMAKE_CURRENT_LIST_DIR}/timetext.h)
