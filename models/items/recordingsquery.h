// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/recordingcompare.h"
#include "items/tablequery.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::items {

struct SettingChange
{
    std::string name, server;
    std::optional<std::string> first, second;
};
/// Everything two sides are compared by.
struct RecordingComparison
{
    analysis::RecordingSide first, second; ///< as compared: nothing in them is left open
    double firstSeconds = 0, secondSeconds = 0; ///< covered by samples of statements
    std::vector<analysis::Headline> figures;
    std::vector<analysis::StatementChange> statements;
    std::map<std::int64_t, std::string> texts; ///< by statement
    std::vector<analysis::WaitChange> waits;
    std::map<std::string, std::pair<std::optional<TableItem>, std::optional<TableItem>>>
        tables; ///< by server and name
    std::vector<SettingChange> settings; ///< that differ
};
Result<std::vector<analysis::RecordingItem>> comparableRecordings(const store::Workspace &workspace);
/// isChosen: the sides are the user's; else the last two recordings, or the halves of the only one. An empty
/// range is all of its source. Nothing to compare: an empty comparison.
Result<RecordingComparison> compareRecordings(const store::Workspace &workspace,
    const std::vector<analysis::RecordingItem> &recordings, analysis::RecordingSide first,
    analysis::RecordingSide second, bool isChosen, const Progress &progress);

} // namespace tailscope::items
