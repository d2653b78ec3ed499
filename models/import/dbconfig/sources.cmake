# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
foreach(name conffile configrow)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/dbconfig.h ${CMAKE_CURRENT_LIST_DIR}/hikariconfig.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pgbouncerini.cpp ${CMAKE_CURRENT_LIST_DIR}/postgresqlconf.cpp)
