// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

namespace tailscope::items {

/// The query behind a flame graph of spans: one row a path of operations. condition: over view span, "1" =
/// all.
QString spanFlameSql(const QString &condition, bool bottomUp);
/// The same for a stored profile (its call nodes).
QString profileFlameSql(qint64 profileId, bool bottomUp);
/// Samples of a profile in time order.
QString profileSamplesSql(qint64 profileId, const std::optional<QString> &thread);
/// Functions of a profile by own weight.
QString profileFunctionsSql(qint64 profileId);
/// Functions of two profiles side by side, largest change of own weight first.
QString profileDifferenceSql(qint64 before, qint64 after);
/// Operations of the spans by self time. condition as in spanFlameSql().
QString spanOperationsSql(const QString &condition);
/// Spans of one track in time order.
QString trackSpansSql(qint64 trackId, const QString &condition);

} // namespace tailscope::items
