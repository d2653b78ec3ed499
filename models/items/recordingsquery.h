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
/// What the figures of a side rest on.
struct SideCoverage
{
    std::vector<analysis::StatementCoverage> servers; ///< samples of statements
    std::vector<std::string> tooFew; ///< servers with a single one: nothing grew
    std::int64_t resets = 0, gone = 0; ///< counters that began anew; statements that left within it
    std::optional<std::int64_t> evictions; ///< entries thrown out to make room; nullopt = not asked
    std::int64_t sessionSamples = 0; ///< what waits are told by
};
/// Everything two sides are compared by.
struct RecordingComparison
{
    bool isOneWorkspace = true; ///< else numbers of sources are of two
    analysis::RecordingSide first, second; ///< as compared: nothing in them is left open
    double firstSeconds = 0, secondSeconds = 0; ///< covered by samples of statements
    SideCoverage firstCoverage, secondCoverage;
    std::vector<analysis::Headline> figures;
    std::vector<analysis::StatementChange> statements;
    std::map<std::int64_t, std::string> texts; ///< by statement
    std::vector<analysis::WaitChange> waits;
    std::map<std::string, std::pair<std::optional<TableItem>, std::optional<TableItem>>>
        tables; ///< by name, database and server
    std::vector<SettingChange> settings; ///< that differ
};
Result<std::vector<analysis::RecordingItem>> comparableRecordings(const store::Workspace &workspace);
/// isChosen: the sides are the user's; else the last two recordings, or the halves of the only one. An empty
/// range is all of its source. Nothing to compare: an empty comparison.
Result<RecordingComparison> compareRecordings(const store::Workspace &workspace,
    const std::vector<analysis::RecordingItem> &recordings, analysis::RecordingSide first,
    analysis::RecordingSide second, bool isChosen, const Progress &progress);

/// One side of a comparison and where it is read.
struct ComparedSide
{
    const store::Workspace *workspace;
    const std::vector<analysis::RecordingItem> *recordings; ///< of the workspace; not empty
    analysis::RecordingSide side;
};
/// Sides of two workspaces: statements meet by their fingerprint, servers by their labels. statement numbers
/// of the result are of the first; those that are only in the second lie beyond them.
Result<RecordingComparison> compareSides(ComparedSide first, ComparedSide second, const Progress &progress);

/// What a table did, by second. Absent = not known, or a single sample.
struct TableRates
{
    std::optional<double> seqScans, indexScans;
    std::optional<double> rowsRead; ///< by sequential scans
    std::optional<double> written; ///< rows inserted, updated and deleted
    std::optional<double> blocksRead; ///< that were not in shared buffers
};
TableRates tableRates(const std::optional<TableItem> &table);

/// Sentences about what makes the comparison doubtful; none: nothing does.
std::vector<std::string> doubtsOf(const RecordingComparison &comparison);

} // namespace tailscope::items
