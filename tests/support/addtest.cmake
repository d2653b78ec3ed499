# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What every test runs in: no display, fixed locale and time zone, settings of its own.
set(TS_TEST_ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LC_ALL=C.UTF-8;TZ=UTC;XDG_RUNTIME_DIR=${CMAKE_BINARY_DIR}/testrun")
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/testrun)
file(CHMOD ${CMAKE_BINARY_DIR}/testrun PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

# ts_add_test(tst_name LABEL unit LIBS ts_store ... [SOURCES extra.cpp] [TIMEOUT s]): one QtTest program tst_name.cpp.
function(ts_add_test name)
  cmake_parse_arguments(T "WIDGETS" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  qt_add_executable(${name} ${name}.cpp ${T_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/models)
  target_link_libraries(${name} PRIVATE Qt6::Test ts_build_flags ${T_LIBS})
  target_compile_definitions(${name} PRIVATE
    TS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TS_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared"
    TS_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests WIN32_EXECUTABLE OFF)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
    ENVIRONMENT "${TS_TEST_ENVIRONMENT}")
endfunction()
