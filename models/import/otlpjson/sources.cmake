# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
include(${CMAKE_CURRENT_LIST_DIR}/../common/jsonrecords.cmake)
foreach(name jsobject jsoutput otelconsole otlpjson otlplog otlpmetric otlpmetricrows otlpreader otlpresource otlprows otlpspan otlpvalues otlpwaiting)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
