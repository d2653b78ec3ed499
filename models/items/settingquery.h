// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tablequery.h"

#include <string>
#include <vector>

namespace tailscope::items {

struct SettingItem
{
    std::size_t server = 0;
    std::string name, value, unit, category, context, origin, bootValue;
    std::string words; ///< the value with its unit in words: "128 MiB", "5 min"; empty = as it is
    std::string bootWords;
    bool isPending = false; ///< takes effect at a restart
    bool isDefault = false;
    bool matters = false; ///< one of those to look at first
    std::vector<std::string> changes; ///< "time: old -> new", oldest first
    std::vector<ObjectFinding> findings; ///< that name it
};
struct SettingList
{
    std::vector<SettingItem> settings; ///< those that matter first, then by name
    std::vector<analysis::ServerGroup> servers;
    bool any = false;
};
Result<SettingList> readSettingList(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress);

/// A value of pg_settings with its unit in words: ("16384", "8kB") is "128 MiB", ("300", "s") "5 min".
/// Special values (-1, 0) and what has no unit stay as they are: empty.
std::string settingWords(std::string_view value, std::string_view unit);

} // namespace tailscope::items
