# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
foreach(name ddldefaults ddltree ddltypes migrationreader migrationsql migrationtext)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp ${CMAKE_CURRENT_LIST_DIR}/${name}.h)
endforeach()
# What a migration does is PostgreSQL's grammar to say.
target_link_libraries(ts_import PRIVATE pg_query)
