// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tailscope::items {

/// The query behind a flame graph of spans: one row a path of operations. condition: over view span, "1" =
/// all.
QString spanFlameSql(const QString &condition, bool bottomUp);
/// The same for a stored profile (its call nodes).
QString profileFlameSql(qint64 profileId, bool bottomUp);
/// Spans of one track in time order.
QString trackSpansSql(qint64 trackId, const QString &condition);

} // namespace tailscope::items
