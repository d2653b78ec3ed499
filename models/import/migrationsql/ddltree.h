// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <QJsonObject>

namespace tailscope::import {

/// What one statement, or one part of an ALTER TABLE, does.
struct DdlAction
{
    std::string
        kind; ///< create_index, add_column, set_not_null, ...; "unparsed" when it is not PostgreSQL's SQL
    std::string object; ///< "schema.name" of what it changes; empty = nothing with a name
    QJsonObject extra; ///< see README.md
};

/// Texts longer than this, or nested deeper than 400 brackets, are not parsed.
inline constexpr std::size_t kMaxMigrationStatement = 64 * 1024;

/// At least one. Any thread.
std::vector<DdlAction> readDdl(std::string_view statement);

} // namespace tailscope::import
