// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import::accesslog {

/// `[vhost] host ident user [time] "method target protocol" status bytes ["referer" "agent" [more]]`. Views
/// point into the line; "-" is absent; escapes in quotes stay as they are written.
struct AccessLine
{
    std::string_view vhost, client, user, time, method, target, protocol, status, bytes, referer, agent;
    std::string_view more; ///< what stands after the fields that the format has
};
std::optional<AccessLine> parseAccessLine(std::string_view line);

/// "GET /path HTTP/1.1"; a client that sends junk leaves what is there as the target.
struct RequestText
{
    std::string_view method, target, protocol;
};
RequestText splitRequestText(std::string_view request);

/// "10/Oct/2000:13:55:36 -0700" as RFC 3339; as it is when it is not written so.
std::string rfcTime(std::string_view time);

/// The duration that a format of one's own adds, with its unit: a number with a fraction is nginx's
/// $request_time in seconds, "rt=0.1" and its like too. nullopt when nothing says so: a plain integer may be
/// any unit.
struct MoreDuration
{
    std::string_view number;
    long long scale = 0; ///< nanoseconds a unit
    bool atEnd = false; ///< it is nginx that writes so, when the request is done
};
std::optional<MoreDuration> durationIn(std::string_view more);

} // namespace tailscope::import::accesslog
