// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tailscope::import {

/// An id of hexadecimal digits with its leading zeros back: some tracers drop them. Only lower case digits
/// count as such an id ("A" is a name); anything else, and what has `digits` digits already, stays as it is.
/// `buffer` holds the result.
std::string_view paddedHexId(std::string_view text, std::size_t digits, std::string &buffer);

/// The same for trace ids, which have 16 or 32 digits.
std::string_view paddedTraceId(std::string_view text, std::string &buffer);

} // namespace tailscope::import
