// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::store {

/// Texts longer than this are fingerprinted by their tokens.
inline constexpr std::size_t kMaxParsedSql = 64 * 1024;

/// Identity of a statement without its literals: 16 hex digits by PostgreSQL's own grammar (so that white
/// space, case, constants and lengths of IN lists do not matter), or "t:" and 16 hex digits over normalised
/// tokens when the grammar refuses the text or it is too long or nested too deep. Empty for a text without
/// tokens. Any thread, no recursion of ours on the text.
std::string fingerprint(std::string_view sql);

} // namespace tailscope::store
