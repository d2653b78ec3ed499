// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/remote/remotestore.h"

namespace tailscope::app {

/// Answers of a remote store on standard output, as a table or JSON (times in ns). Percentiles are bounds
/// unless the exact value was asked for.
void print(const live::RemoteHistogram &histogram, const TimeRange &range, bool isJson);
void print(const live::RemoteGroups &groups, bool isJson);
void print(const live::RemoteCohort &cohort, std::size_t most, bool isJson);
void print(const std::vector<live::RemoteTrace> &traces, bool isJson);
/// What was asked, with its time, on stderr.
void printRuns(const std::vector<live::QueryRun> &runs);

} // namespace tailscope::app
