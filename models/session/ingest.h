// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importjob.h"
#include "store/workspace.h"

#include <optional>
#include <vector>

namespace tailscope::session {

/// What the command line and the window do with files: import all (going on after a bad one), make each
/// ready, run the analyses and, when asked, the rules. Blocking; any thread.
struct IngestResult
{
    std::vector<import::ImportOutcome> outcomes;
    std::vector<Error> errors; ///< one per file that could not be read
    /// Members of archives that were passed by: path into the archive, and why.
    struct Skipped
    {
        std::string path, reason;
    };
    std::vector<Skipped> skipped;
    double readySeconds = 0;
};
struct IngestOptions
{
    import::ImportOptions import;
    bool runRules = true;
    std::optional<double> sampling; ///< keep probability stated for every source, 0..1
};
/// The files of a zip or tar become a source each; what none of the importers reads is skipped, and an
/// archive without anything readable is an error. The caller may watch single imports by import.started. "-"
/// reads standard input.
IngestResult ingest(store::Workspace &workspace, const std::vector<std::string> &paths,
    const IngestOptions &options, const Progress &progress);

/// Analyses and rules after an import or when a workspace is opened: makeReady of these sources and of all
/// whose derived data are missing or stale, then statistics and rules.
Result<void> refresh(store::Workspace &workspace, const std::vector<std::int64_t> &sourceIds, bool runRules,
    const Progress &progress);

} // namespace tailscope::session
