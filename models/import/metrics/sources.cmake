# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
foreach(name metriccatalog metrichistograms metricrows metricunits samplerows)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/resources/metrics.toml)
file(READ ${PROJECT_SOURCE_DIR}/resources/metrics.toml TS_METRICS_TOML)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embeddedmetrics.h.in
  ${CMAKE_CURRENT_BINARY_DIR}/generated/metrics/embeddedmetrics.h @ONLY)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/metriccatalog.cpp PROPERTIES
  INCLUDE_DIRECTORIES ${CMAKE_CURRENT_BINARY_DIR}/generated)
