// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <set>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// Names of the attributes by which spans, lines of logs and plans are joined (joinkeys.toml says more).
/// Names are normalised: lower case, "_" for "-" and ".".
struct JoinKeys
{
    enum class Group { None, Request, Query };
    std::set<std::string, std::less<>> request, query;

    Group groupOf(std::string_view name) const;
    /// For analysis_run.parameters: other keys give other joins.
    std::string toText() const;

    /// The list of the program.
    static Result<JoinKeys> builtin();
    /// Adds the keys of such a file; `file` is what messages call it.
    Result<void> add(std::string_view toml, const std::string &file);
};

std::string normalizedJoinKey(std::string_view name);

} // namespace tailscope::analysis
