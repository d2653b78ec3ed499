// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace tailscope::store {

/// Deepest nesting that is accepted; SQLite's own functions stop at 2,000.
inline constexpr int kMaxJsonDepth = 1000;

/// True for one JSON value (RFC 8259) and nothing else but white space. No recursion. Malformed UTF-8 passes:
/// SQLite does not mind it.
bool isValidJson(std::string_view text);

} // namespace tailscope::store
