// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace tailscope::store {

/// One .sql file of this folder, embedded by embedsql.cmake.
struct EmbeddedSql
{
    std::string_view name; ///< "schema.sql", "migrations/001.sql"
    std::string_view text;
};
std::span<const EmbeddedSql> embeddedSql();

} // namespace tailscope::store
