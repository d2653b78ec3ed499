# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DOUT=file.cpp -DROOT=folder -DFILES="a.sql|b.sql" -P embedsql.cmake: the SQL files as string constants, so
# that a static library carries them without resource registration.
string(REPLACE "|" ";" FILES "${FILES}")
set(body "// Generated from the .sql files of models/store; edit those.\n")
string(APPEND body "#include \"store/embeddedsql.h\"\n\nnamespace tailscope::store {\n\nnamespace {\n")
set(table "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" text)
  string(APPEND body "constexpr char kText${number}[] = R\"~sql~(${text})~sql~\";\n")
  string(APPEND table "    { \"${file}\", { kText${number}, sizeof(kText${number}) - 1 } },\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND body "constexpr EmbeddedSql kFiles[] = {\n${table}};\n} // namespace\n\n")
string(APPEND body "std::span<const EmbeddedSql> embeddedSql()\n{\n    return kFiles;\n}\n\n")
string(APPEND body "} // namespace tailscope::store\n")
file(WRITE "${OUT}" "${body}")
