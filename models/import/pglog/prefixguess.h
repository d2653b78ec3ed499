// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/lineprefix.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tailscope::import::pglog {

/// What the first lines of a log tell of its log_line_prefix.
struct PrefixGuess
{
    LinePrefix prefix;
    std::size_t heads = 0; ///< lines with a level
    std::size_t matches = 0; ///< of them that have the prefix
};

/// The well-known or composed prefix that most of the lines with a level have; among equals the one with more
/// fields. nullopt when no line has a level, or less than `share` percent of them have the best prefix. Looks
/// at 400 of the lines.
std::optional<PrefixGuess> guessPrefix(const std::vector<std::string_view> &lines, std::size_t share = 50);

/// The prefix written down as a log_line_prefix: "2026-11-22 04:11:04 UTC [12] " is "%t [%p] ". `all`: the
/// prefixes of the other lines, for words that every line has.
std::string composeFormat(std::string_view prefix, const std::vector<std::string_view> &all);

} // namespace tailscope::import::pglog
