// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/statement.h"

#include <functional>
#include <string_view>

namespace tailscope::report {

enum class ResultFormat { Table, Csv, Tsv, Json };

/// Takes a piece of output; false stops the writing (closed pipe, full disk).
using OutputSink = std::function<bool(std::string_view)>;

/// Writes all rows of a prepared statement. Table: columns as wide as the first 1,000 rows need (at most 80), numbers
/// to the right, control characters made visible. Csv: RFC 4180 with "\n". Tsv: tab, newline, carriage return and
/// backslash as \t \n \r \\. NULL is empty in both. Json: an array of objects; blobs as hex text, repeated column names
/// get "_2", "_3". Returns the number of rows; ErrorCode::DiskFull when the sink refused.
Result<std::int64_t> writeResult(store::Statement &rows, ResultFormat format, const OutputSink &sink);

/// Text for a terminal: control characters as "\x1b", a line break as a blank.
std::string printable(std::string_view text);

} // namespace tailscope::report
