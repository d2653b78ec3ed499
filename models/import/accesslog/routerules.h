// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::accesslog {

/// How paths become routes: resources/routes.toml, and the user's file over it.
struct RouteRules
{
    struct Rule
    {
        std::vector<std::string> parts; ///< "*" is any one part
        bool open = false; ///< "**" at the end: any further parts
        std::string route;
    };
    bool numbers = true, uuids = true, mergeVersions = false;
    std::size_t hashLength = 8, tokenLength = 20; ///< 0 = never
    std::vector<Rule> rules; ///< the first that fits wins

    /// The rule for a path; null when none fits.
    const Rule *match(std::string_view path) const;
};

/// Lays what `toml` says over `rules`; its own rules come first. Errors (BadInput) with their line; `rules`
/// is then as it was.
Result<void> addRouteRules(std::string_view toml, const std::string &name, RouteRules &rules);

/// The user's file, `tailscope/routes.toml` in the folder of configurations.
std::filesystem::path routeRulesFile();

/// The rules of this run, read at first use; any thread. A user's file that cannot be read is left out, and
/// told by problem.
struct LoadedRouteRules
{
    RouteRules rules;
    std::string problem; ///< one sentence; empty = none
};
const LoadedRouteRules &routeRules();

} // namespace tailscope::import::accesslog
