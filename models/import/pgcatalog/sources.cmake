# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
include(${CMAKE_CURRENT_LIST_DIR}/../common/jsonrecords.cmake)
foreach(name catalogcounters catalogreader catalogrows catalogshape catalogstandby catalogvalues catalogviews pgcatalog)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/catalogactivity.cpp ${CMAKE_CURRENT_LIST_DIR}/catalogsampleviews.cpp)
