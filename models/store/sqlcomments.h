// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::store {

/// What a comment in a statement says of who runs it.
struct SqlTag
{
    std::string key, value;
    bool operator==(const SqlTag &) const = default;
};

inline constexpr std::size_t kMaxSqlTags = 32; ///< of one statement
inline constexpr std::size_t kMaxSqlTagKey = 64; ///< bytes; longer keys are left out
inline constexpr std::size_t kMaxSqlTagValue = 256; ///< bytes; longer values are left out

/// Keys and values of the comments of a statement, in the order in which they stand, of each key the last:
/// sqlcommenter (/*key='value',k2='v2'*/, URL escapes resolved), marginalia (/*application:x,controller:y*/)
/// and plain /* tenant_id=42 */. Comments that are no list of pairs and hints (/*+ ... */) say nothing. Any
/// thread, any text; linear.
std::vector<SqlTag> sqlTags(std::string_view sql);

} // namespace tailscope::store
