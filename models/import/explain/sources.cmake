# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
file(GLOB explain_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp ${CMAKE_CURRENT_LIST_DIR}/*.h)
target_sources(ts_import PRIVATE ${explain_sources})
foreach(file emitplan explain framemarks frames jsonhandler jsonplan outerframe plandocument planproperties planreader plantranscript sniffplan
             textbuilder textcomplete textnode textplan textproperty textscan wholetext xmlplan yamlplan)
  target_sources(ts_import PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${file}.cpp ${CMAKE_CURRENT_LIST_DIR}/${file}.h)
endforeach()
target_sources(ts_import PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/textfigures.cpp ${CMAKE_CURRENT_LIST_DIR}/textsinks.h
  ${CMAKE_CURRENT_LIST_DIR}/texttrailer.cpp)
