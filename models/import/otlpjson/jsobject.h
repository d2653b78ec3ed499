// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// Containers nested deeper than this are not read.
inline constexpr std::size_t kMaxJsDepth = 64;

/// One object as Node.js prints it (util.inspect: single quotes, unquoted keys, class names before braces,
/// undefined, [Object], colours) as JSON text. False when its brackets do not match or it is nested too deep;
/// other oddities become text. Nothing of it is ever executed.
bool jsObjectToJson(std::string_view text, std::string &out);

} // namespace tailscope::import::otlp
