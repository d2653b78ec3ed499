// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace tailscope::live {

/// One parameter of a connection as libpq names it.
struct Keyword
{
    std::string name, value;
    bool isSecret = false; ///< libpq would not show it while it is typed
};
using Keywords = std::vector<Keyword>;

/// The parameters that a conninfo or URI states (PQconninfoParse); the error is what libpq says, which quotes
/// parts of the text. Any thread.
tl::expected<Keywords, std::string> keywordsOf(const std::string &conninfo);
/// Every keyword that libpq knows with what it takes where nothing is stated (environment, built in); secrets
/// are left empty. Any thread.
Keywords defaultKeywords();
/// "host=a dbname='x y'".
std::string conninfoText(const Keywords &keywords);

} // namespace tailscope::live
