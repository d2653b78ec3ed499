// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::import::pglog {

/// The first line of a message without what differs from line to line: numbers, addresses, hexadecimal ids,
/// literals in single quotes and values in double quotes become "?"; names in double quotes stay, since they
/// say which relation, column or role it is about. At most 500 bytes.
std::string logPattern(std::string_view message);

} // namespace tailscope::import::pglog
