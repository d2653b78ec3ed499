// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/hexids.h"

namespace tailscope::import {

namespace {

constexpr std::size_t kShortDigits = 16, kLongDigits = 32;

} // namespace

std::string_view paddedHexId(std::string_view text, std::size_t digits, std::string &buffer)
{
    if (text.empty() || text.size() >= digits
        || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return text;
    buffer.assign(digits - text.size(), '0');
    buffer += text;
    return buffer;
}

std::string_view paddedTraceId(std::string_view text, std::string &buffer)
{
    return paddedHexId(text, text.size() <= kShortDigits ? kShortDigits : kLongDigits, buffer);
}

} // namespace tailscope::import
