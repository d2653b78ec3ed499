// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tailscope::import {

/// One key of an object in a JSON prefix.
struct JsonKey
{
    std::string_view name; ///< as written, escapes not resolved
    int depth = 0; ///< containers around it: 1 = key of the outermost object
    char valueStart = '\0'; ///< first byte of its value; '\0' when the prefix ends before
};

/// The keys of a JSON text in order, for sniffing: takes any prefix, never reads past it, keeps 64 levels.
class JsonKeyScan
{
public:
    explicit JsonKeyScan(std::string_view prefix)
        : m_text(prefix)
    {}
    /// False at the end of the prefix, or where it is not JSON (or deeper than 64 levels).
    bool next(JsonKey &key);

private:
    std::size_t stringEnd(std::size_t at) const;
    std::size_t skipBlanks(std::size_t at) const;

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
    std::uint64_t m_objects = 0; ///< bit d is set when the container at depth d is an object
};

/// First byte that is not blank; '\0' when there is none.
char firstSignificant(std::string_view text);

} // namespace tailscope::import
