# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
foreach(file emitplan explain framemarks frames jsonhandler jsonplan logplan plandocument planproperties plantranscript sniffplan
foreach(file emitplan explain framemarks frames jsonhandler jsonplan plandocument planproperties planreader plantranscript sniffplan
             textbuilder textcomplete textnode textplan textproperty textscan wholetext xmlplan yamlplan)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${file}.cpp ${CMAKE_CURRENT_LIST_DIR}/${file}.h)
endforeach()
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/textfigures.cpp ${CMAKE_CURRENT_LIST_DIR}/textsinks.h
  ${CMAKE_CURRENT_LIST_DIR}/texttrailer.cpp)
