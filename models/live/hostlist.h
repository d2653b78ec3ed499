// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/conninfo.h"

#include <string>
#include <vector>

namespace tailscope::live {

/// One place to try, as libpq's lists host, hostaddr and port name it.
struct HostEntry
{
    std::string host, address, port;

    /// Names the entry among the others.
    std::string key() const { return host + ' ' + address + ' ' + port; }
};

/// The hosts that the keywords state, with their names resolved to addresses (blocking): an entry for each
/// address. Names that are none are left out, and told in `problem`. Empty when no host is stated: libpq
/// finds one by itself.
std::vector<HostEntry> resolvedHosts(const Keywords &keywords, std::string &problem);

/// Puts the lists into the keywords.
void setHosts(Keywords &keywords, const std::vector<HostEntry> &hosts);

} // namespace tailscope::live
