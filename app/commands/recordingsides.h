// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/recordingcompare.h"
#include "base/result.h"

#include <QString>

#include <vector>

namespace tailscope::app {

/// The two sides of a comparison as the command line names them.
struct RecordingSides
{
    analysis::RecordingSide first, second;
    bool isChosen = false; ///< false: nothing was said
};
/// words: the number of a source, the name of a recording, BEGIN..END, one of both @BEGIN..END, "all".
/// option: "--a". Errors are of wrong usage and name what is known.
Result<analysis::RecordingSide> readSide(const QString &option, const QString &words,
    const std::vector<analysis::RecordingItem> &recordings);
/// Both of one workspace; empty words: not said. One side alone: the other is the recording after it (or
/// before it).
Result<RecordingSides> readSides(const QString &a, const QString &b,
    const std::vector<analysis::RecordingItem> &recordings);

} // namespace tailscope::app
