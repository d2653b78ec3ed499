// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/accesslog/routerules.h"

#include <string>
#include <string_view>

namespace tailscope::import::accesslog {

/// The path of a request's target: without scheme and host, query and fragment.
struct Target
{
    std::string_view path, query;
};
Target splitTarget(std::string_view target);

/// "/users/42/files/9f86d081884c7d65" -> "/users/{id}/files/{id}": parts that are a number, a UUID, a hash or
/// a long token stand for one resource of many. An extension stays ("/{id}.png"). By the rules of this run,
/// or by given ones.
std::string routeTemplate(std::string_view path);
std::string routeTemplate(std::string_view path, const RouteRules &rules);

} // namespace tailscope::import::accesslog
