// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::report {

/// The statement without its literals and comments: $1, $2... in their place by PostgreSQL's grammar, or "?" by tokens
/// when the grammar refuses the text. Never returns a literal.
std::string redactedSql(std::string_view sql);

/// The same for a condition of EXPLAIN ("(a = 5)").
std::string redactedCondition(std::string_view condition);

/// Prose with what stands between single quotes replaced by "?".
std::string redactedProse(std::string_view text);

} // namespace tailscope::report
