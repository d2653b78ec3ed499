# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
include(${CMAKE_CURRENT_LIST_DIR}/../common/jsonrecords.cmake)
foreach(name accessline accesslog accessreader logformat logformats requestfields requestlogreader requestrows routerules routetemplate)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/resources/routes.toml)
file(READ ${PROJECT_SOURCE_DIR}/resources/routes.toml TS_ROUTES_TOML)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embeddedroutes.h.in
  ${CMAKE_CURRENT_BINARY_DIR}/generated/accesslog/embeddedroutes.h @ONLY)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/routerules.cpp PROPERTIES
  INCLUDE_DIRECTORIES ${CMAKE_CURRENT_BINARY_DIR}/generated)
