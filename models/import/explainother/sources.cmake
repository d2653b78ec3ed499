# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
foreach(file explainother mysqljson mysqloperation mysqltable mysqltree passtimes plantable sqliteplan)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${file}.cpp ${CMAKE_CURRENT_LIST_DIR}/${file}.h)
endforeach()
