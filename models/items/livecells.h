// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/livequery.h"
#include "live/sampler.h"
#include "session/sessioncontext.h"

namespace tailscope::items {

/// Texts of the tables of LiveModel, with exact figures as tooltips.
QVector<CellTable::Column> liveServerColumns();
QVector<CellTable::Column> liveEventColumns();
/// state: of the attachment, null = none: what is shown was recorded.
TableRow liveServerRow(qint64 id, const LiveServer &server, const live::ServerStatus *state);
TableRow liveEventRow(const LiveEvent &event, const session::SessionContext &context);
/// "connected", "lost, ...": in words, and how bad it is (0 to 3).
QString liveStateText(const live::ServerStatus &status);
int liveStateLevel(live::ServerStatus::State state);
/// What is known of the other end, line by line: for tooltips.
QString liveFactsText(const live::ServerStatus &status);

} // namespace tailscope::items
