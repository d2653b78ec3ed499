// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreediff.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QString>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::items {

/// A stored profile that can be drawn.
struct FlameProfile
{
    qint64 id = 0;
    QString name, kind, sampleType, unit;
    qint64 sampleCount = 0;
    double totalWeight = 0;
    qint64 sourceId = 0;
    QString sourceFormat;
    qint64 period = 0; ///< in unit; 0 = unknown
    Nanos duration = 0; ///< 0 = unknown
    QString sourceName; ///< file name of the source
    QString title() const; ///< "cpu profile: cpu (ns)"
    QString label() const; ///< with the file, to tell profiles of one name apart
    analysis::RecordingFacts facts() const;
};

/// By id, at most 10,000. Any thread.
Result<std::vector<FlameProfile>> readProfiles(const store::Workspace &workspace);

/// Where a function lies, as the profile says: its file and the smallest line seen in it.
struct FrameSite
{
    std::string file;
    std::int64_t line = 0; ///< 0 = unknown
};
/// By (function, module), of the sources of the profiles; functions without a file are left out. Any thread.
Result<std::map<std::pair<std::string, std::string>, FrameSite>>
readFrameSites(const store::Workspace &workspace, const std::vector<qint64> &profiles);

} // namespace tailscope::items
