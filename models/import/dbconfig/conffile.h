// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/common/linereader.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

/// Lines of a configuration file longer than this are rejected.
inline constexpr std::size_t kMaxConfLine = 16 * 1024;
/// Keys of one file that are kept; the rest is told.
inline constexpr std::size_t kMaxConfKeys = 20'000;

/// Calls take(line) for each line that is not too long; sets the source up as configuration.
Result<void> readConfLines(ByteSource &source, RowSink &sink, ImportReport &report,
    const std::function<void(const Line &line)> &take);

/// A quoted value without its quotes ('it''s', 'a\'b', "x"); any other as it is, trimmed.
std::string confValue(std::string_view text);

/// What a size or a time of postgresql.conf is in the unit that pg_settings shows for it: "128MB" of
/// shared_buffers is 16384 (8kB). nullopt when the setting has no unit that is known or the value is none.
struct PgQuantity
{
    double value = 0;
    std::string_view unit;
};
std::optional<PgQuantity> pgQuantity(std::string_view name, std::string_view value);
/// True for names that only postgresql.conf has.
bool isPgSetting(std::string_view name);

/// A number without an exponent, with as few decimals as it needs.
std::string plainNumber(double value);

/// Where a JDBC address leads ("jdbc:postgresql://db1:5432/shop?user=x" -> "db1:5432/shop"); empty for
/// others.
std::string jdbcTarget(std::string_view url);

} // namespace tailscope::import
