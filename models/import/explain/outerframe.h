// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// Takes off what stands around the frame of a client: terminal colours, mail quoting of any depth, prefixes
/// of logs and containers on every line, rows as Python and JavaScript print them, LaTeX tables, and psql's
/// expanded forms with one line a row. nullopt when there is nothing of the kind. Linear in the text.
std::optional<std::string> withoutOuterFrame(std::string_view text);

} // namespace tailscope::import::explain
