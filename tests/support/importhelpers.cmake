# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Helpers of tests that read formats: include() this, link ts_test_import, #include "support/importhelpers.h".
if(NOT TARGET ts_test_import)
  set(folder ${PROJECT_SOURCE_DIR}/tests/support)
  qt_add_library(ts_test_import STATIC
    ${folder}/importhelpers.cpp ${folder}/importhelpers.h ${folder}/recordingsink.cpp ${folder}/recordingsink.h)
  target_include_directories(ts_test_import PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(ts_test_import PUBLIC ts_import Qt6::Test PRIVATE ts_build_flags)
endif()
