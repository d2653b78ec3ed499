# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later

# One precompiled header for the engine and one for the widgets, each built once and reused.
function(ts_use_pch target kind)
  if(TS_SANITIZE)
    return()
  endif()
  set(owner ts_pch_${kind})
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# A header that a GLOB has newly found must be seen by moc, which otherwise runs again only when a known file changes.
function(ts_watch_sources target)
  get_target_property(sources ${target} SOURCES)
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.sources)
  set(known "")
  if(EXISTS ${list})
    file(READ ${list} known)
  endif()
  if(NOT known STREQUAL "${sources}")
    file(REMOVE ${CMAKE_CURRENT_BINARY_DIR}/${target}_autogen/timestamp)
    file(WRITE ${list} "${sources}")
  endif()
endfunction()

# Static library of one folder under models/. Include root: models/.
function(ts_add_engine name)
  cmake_parse_arguments(T "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  qt_add_library(${name} STATIC ${T_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/models)
  target_link_libraries(${name} PUBLIC Qt6::Core tl::expected ${T_PUBLIC} PRIVATE ts_build_flags ${T_PRIVATE})
  ts_use_pch(${name} core)
  ts_watch_sources(${name})
endfunction()

# Static library of one folder under widgets/. Include roots: models/ and the top folder.
function(ts_add_widgets name)
  cmake_parse_arguments(T "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  qt_add_library(${name} STATIC ${T_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC Qt6::Widgets ts_items ${T_PUBLIC} PRIVATE ts_build_flags ${T_PRIVATE})
  ts_use_pch(${name} widgets)
  ts_watch_sources(${name})
endfunction()

file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cpp "// holder of a precompiled header\n")
foreach(kind core widgets)
  add_library(ts_pch_${kind} STATIC ${CMAKE_BINARY_DIR}/pch/empty.cpp)
  target_link_libraries(ts_pch_${kind} PUBLIC Qt6::Core PRIVATE ts_build_flags tl::expected)
  if(kind STREQUAL "widgets")
    target_link_libraries(ts_pch_${kind} PUBLIC Qt6::Gui Qt6::Widgets)
  endif()
  target_precompile_headers(ts_pch_${kind} PRIVATE ${PROJECT_SOURCE_DIR}/resources/cmake/pch_${kind}.h)
  set_target_properties(ts_pch_${kind} PROPERTIES AUTOMOC OFF)
  # What the compiler cache hashes in place of the 100 MB of the precompiled header (CCACHE_PCH_EXTSUM), so that
  # another checkout finds the same objects.
  file(SHA256 ${PROJECT_SOURCE_DIR}/resources/cmake/pch_${kind}.h hash)
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/ts_pch_${kind}.dir/cmake_pch.hxx.gch.sum
    "${hash} ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} Qt ${Qt6_VERSION} ${CMAKE_BUILD_TYPE}")
endforeach()
